//! `audit.list`: when runs were accepted and how they ended, newest first, from the audit trail.

use openclaw_core::record::AuditRecord;
use openclaw_store::Reader;

use crate::methods::prelude::*;

/// Most records of the trail that one call looks through.
const LOOKED_THROUGH: i64 = 2_000;
/// Records that are read at once.
const PAGE: usize = 500;
/// Entries of an answer, at most and when nothing is said.
const LIMITS: (usize, usize) = (500, 100);

/// What is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Runs of agents.
    AgentRun,
    /// Uses of tools; there are none yet.
    ToolAction,
    /// Messages on chat channels; there are none yet.
    Message,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Started,
    Succeeded,
    Failed,
    Cancelled,
    TimedOut,
    Blocked,
    Unknown,
}

params! {
    /// Which entries.
    {
        /// Only this agent's.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Only this session's.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Only this run's.
        #[serde(default)]
        run_id: Option<RunId>,
        /// Only of this kind.
        #[serde(default)]
        kind: Option<Kind>,
        /// Only with this status.
        #[serde(default)]
        status: Option<Status>,
        /// Only from this time on, milliseconds since the epoch.
        #[serde(default)]
        after: Option<u64>,
        /// Only before this time, milliseconds since the epoch.
        #[serde(default)]
        before: Option<u64>,
        /// Entries, 1 to 500; 100 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// `nextCursor` of the answer before.
        #[serde(default)]
        cursor: Option<String>,
    } understood { direction channel }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Newest first.
    events: Vec<Entry>,
    /// Where to go on; none when everything was looked through.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl Reply {
    /// As `audit.activity.list` shows it.
    pub(super) fn typed(mut self) -> Self {
        for event in &mut self.events {
            (event.event_type, event.schema_version) = (Some("agent_run"), Some(1));
        }
        self
    }
}

/// A run that began or ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// What kind of record this is, and the version of its shape; in `audit.activity.list` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    schema_version: Option<u8>,
    event_id: String,
    /// Its number in the audit trail.
    sequence: i64,
    source_sequence: i64,
    occurred_at: i64,
    kind: &'static str,
    action: &'static str,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    actor: Actor,
    agent_id: AgentId,
    session_key: SessionKey,
    run_id: String,
    /// The trail holds no text of conversations.
    redaction: &'static str,
}

/// Who did it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Actor {
    r#type: &'static str,
    id: AgentId,
}

impl Entry {
    /// What a record says of a run; `None` when it is about something else.
    fn of(record: &AuditRecord) -> Option<Self> {
        let (action, status, error_code) = match (record.event.event.as_str(), record.event.outcome.as_str()) {
            // A run that need not wait is accepted and begins in one transaction.
            ("run.accepted", "ok") => ("agent.run.started", Status::Started, None),
            ("run.final", _) => ("agent.run.finished", Status::Succeeded, None),
            ("run.aborted", _) => ("agent.run.finished", Status::Cancelled, Some("run_cancelled")),
            ("run.error", "timeout") => ("agent.run.finished", Status::TimedOut, Some("run_timed_out")),
            ("run.error" | "run.interrupted", _) => ("agent.run.finished", Status::Failed, Some("run_failed")),
            _ => return None,
        };
        let session_key: SessionKey = serde_json::from_value(Value::String(record.event.target.clone()?)).ok()?;
        let agent_id = session_key.agent()?;
        Some(Self {
            event_type: None,
            schema_version: None,
            event_id: format!("audit-{}", record.seq),
            sequence: record.seq,
            source_sequence: record.seq,
            occurred_at: record.ts,
            kind: "agent_run",
            action,
            status,
            error_code,
            actor: Actor { r#type: "agent", id: agent_id.clone() },
            agent_id,
            session_key,
            run_id: record.event.detail["runId"].as_str()?.to_owned(),
            redaction: "metadata_only",
        })
    }

    fn fits(&self, wanted: &Params) -> bool {
        let within = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        wanted.agent_id.as_ref().is_none_or(|agent| *agent == self.agent_id)
            && wanted.session_key.as_ref().is_none_or(|key| *key == self.session_key)
            && wanted.run_id.as_ref().is_none_or(|run| run.as_str() == self.run_id)
            && wanted.status.is_none_or(|status| status == self.status)
            && wanted.after.is_none_or(|after| self.occurred_at >= within(after))
            && wanted.before.is_none_or(|before| self.occurred_at < within(before))
    }
}

/// Looks through the trail backwards from a number, that one left out.
fn look(reader: &Reader, from: Option<i64>, limit: usize, wanted: &Params) -> Result<Reply, openclaw_store::Error> {
    let mut upper = match from {
        Some(from) => from,
        None => reader.audit_head()?.seq + 1,
    };
    let last = upper.saturating_sub(LOOKED_THROUGH).max(1);
    let mut events = Vec::new();
    while upper > last {
        let lower = upper.saturating_sub(PAGE as i64).max(last);
        let records = reader.audit_after(lower - 1, PAGE)?;
        for record in records.iter().rev().filter(|record| record.seq < upper) {
            if let Some(entry) = Entry::of(record).filter(|entry| entry.fits(wanted)) {
                events.push(entry);
                if events.len() == limit {
                    let more = record.seq > 1;
                    return Ok(Reply { events, next_cursor: more.then(|| record.seq.to_string()) });
                }
            }
        }
        upper = lower;
    }
    Ok(Reply { events, next_cursor: (upper > 1).then(|| upper.to_string()) })
}

/// The answer to both methods that read the trail.
pub(super) async fn answer(call: Call, mut params: Params) -> Result<Reply, WireError> {
    let limit = params.limit.unwrap_or(LIMITS.1);
    if !(1..=LIMITS.0).contains(&limit) {
        return Err(WireError::params(format!("limit must be 1 to {}", LIMITS.0)).with("path", "params.limit"));
    }
    let from = match params.cursor.as_deref().map(str::parse::<i64>) {
        None => None,
        Some(Ok(from)) if from > 0 => Some(from),
        Some(_) => {
            let text = "cursor must be nextCursor of the answer before";
            return Err(WireError::params(text).with("path", "params.cursor"));
        }
    };
    params.session_key = params.session_key.map(|key| call.canonical(&key));
    if matches!(params.kind, Some(Kind::ToolAction | Kind::Message)) {
        return Ok(Reply { events: Vec::new(), next_cursor: None });
    }
    let read = call.state().store.read(move |reader| look(reader, from, limit, &params)).await;
    read.map_err(|error| fault::store(&error))
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "audit.list";
    const ABOUT: &'static str = "When runs were accepted and how they ended, newest first, from the audit trail.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        answer(call, params).await
    }
}

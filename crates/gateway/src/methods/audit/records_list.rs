//! `audit.records.list`: the records of the audit trail, newest first, and whether it is as it was written.

use openclaw_core::{audit::Selection, record::AuditRecord};
use openclaw_store::Reader;

use crate::{audit_watch, methods::prelude::*};

/// Most records that one call looks through.
const LOOKED_THROUGH: i64 = 5_000;
/// Records that are read at once.
const PAGE: usize = 500;
/// Records of an answer, at most and when nothing is said.
const LIMITS: (usize, usize) = (500, 100);
/// Most names of events.
const NAMES: usize = 32;

params! {
    /// Which records. Everything that is said must fit.
    {
        /// Names of events: a record's (`device.approved`), a family (`device.*`), or a word of specification 004 (`authentication`).
        /// At most 32; empty means all.
        #[serde(default)]
        events: Vec<String>,
        /// Only of this severity: `info`, `warn`, `error` or `critical`.
        #[serde(default)]
        severity: Option<Severity>,
        /// Only by whoever is called so.
        #[serde(default)]
        actor: Option<String>,
        /// Only with this outcome, such as `ok`, `denied` or `error`.
        #[serde(default)]
        outcome: Option<String>,
        /// Only from this time on, milliseconds since the epoch.
        #[serde(default)]
        after: Option<u64>,
        /// Only before this time, milliseconds since the epoch.
        #[serde(default)]
        before: Option<u64>,
        /// Records, 1 to 500; 100 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// `nextCursor` of the answer before.
        #[serde(default)]
        cursor: Option<String>,
    } understood {}
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Severity {
    Info,
    Warn,
    Error,
    Critical,
}

impl Severity {
    const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Newest first.
    records: Vec<Row>,
    /// Where to go on; none when everything was looked through. A page may be empty and have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// Whether the trail is as it was written.
    chain: audit_watch::Shown,
}

/// One record. It holds no secret and no text of conversations.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    /// Its number.
    seq: i64,
    /// Milliseconds since the epoch.
    ts: i64,
    event: String,
    severity: String,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Value::is_null")]
    detail: Value,
    /// Hash of the record before.
    prev_hash: String,
    /// Its own.
    hash: String,
}

impl From<AuditRecord> for Row {
    fn from(record: AuditRecord) -> Self {
        let event = record.event;
        Self {
            seq: record.seq,
            ts: record.ts,
            event: event.event,
            severity: event.severity,
            actor: event.actor,
            ip: event.ip,
            method: event.method,
            target: event.target,
            outcome: event.outcome,
            reason: event.reason,
            detail: event.detail,
            prev_hash: record.prev,
            hash: record.hash,
        }
    }
}

/// What fits.
struct Filter {
    events: Selection,
    wanted: Params,
}

impl Filter {
    fn takes(&self, record: &AuditRecord) -> bool {
        let within = |at: u64| i64::try_from(at).unwrap_or(i64::MAX);
        let (event, wanted) = (&record.event, &self.wanted);
        self.events.takes(&event.event)
            && wanted.severity.is_none_or(|severity| event.severity == severity.word())
            && wanted.actor.as_ref().is_none_or(|actor| *actor == event.actor)
            && wanted.outcome.as_ref().is_none_or(|outcome| *outcome == event.outcome)
            && wanted.after.is_none_or(|after| record.ts >= within(after))
            && wanted.before.is_none_or(|before| record.ts < within(before))
    }
}

/// Looks through the trail backwards from a number, that one left out. Also tells where to go on.
fn look(
    reader: &Reader,
    from: Option<i64>,
    limit: usize,
    filter: &Filter,
) -> Result<(Vec<Row>, Option<i64>), openclaw_store::Error> {
    let mut upper = match from {
        Some(from) => from,
        None => reader.newest_audit()?.saturating_add(1),
    };
    let last = upper.saturating_sub(LOOKED_THROUGH).max(1);
    let mut rows = Vec::new();
    while upper > last {
        let lower = upper.saturating_sub(PAGE as i64).max(last);
        let records = reader.audit_after(lower - 1, PAGE)?;
        for record in records.into_iter().rev().filter(|record| record.seq < upper) {
            if filter.takes(&record) {
                let seq = record.seq;
                rows.push(Row::from(record));
                if rows.len() == limit {
                    return Ok((rows, (seq > 1).then_some(seq)));
                }
            }
        }
        upper = lower;
    }
    Ok((rows, (upper > 1).then_some(upper)))
}

pub(crate) struct RecordsList;

impl Method for RecordsList {
    const NAME: &'static str = "audit.records.list";
    const ABOUT: &'static str = "Records of the audit trail, newest first, and whether the trail is as it was written.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let bad = |name: &str, text: String| WireError::params(text).with("path", format!("params.{name}"));
        let limit = params.limit.unwrap_or(LIMITS.1);
        if !(1..=LIMITS.0).contains(&limit) {
            return Err(bad("limit", format!("limit must be 1 to {}", LIMITS.0)));
        }
        if params.events.len() > NAMES {
            return Err(bad("events", format!("events must not name more than {NAMES}")));
        }
        let events = Selection::parse(params.events.iter().map(String::as_str))
            .map_err(|unknown| bad("events", unknown.to_string()))?;
        let from = match params.cursor.as_deref().map(str::parse::<i64>) {
            None => None,
            Some(Ok(from)) if from > 0 => Some(from),
            Some(_) => return Err(bad("cursor", "cursor must be nextCursor of the answer before".to_owned())),
        };
        let filter = Filter { events, wanted: params };
        let read = call.state().store.read(move |reader| look(reader, from, limit, &filter)).await;
        let (records, next) = read.map_err(|error| fault::store(&error))?;
        let chain = call.state().audit_watch.shown();
        Ok(Reply { records, next_cursor: next.map(|next| next.to_string()), chain })
    }
}

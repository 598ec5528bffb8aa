//! `cron.list`: the scheduled jobs.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::cron::Job;
use openclaw_store::cron::{JobQuery, JobSort};
use sha2::{Digest, Sha256};

use super::asked::refuse;
use crate::{cron, methods::prelude::*};

/// Jobs on a page when the caller does not say.
const UNSAID: usize = 1000;

params! {
    /// Which jobs, and in which order.
    {
        /// Also those that do not run by themselves. Default false.
        #[serde(default)]
        include_disabled: Option<bool>,
        /// Most jobs on the page, 1 to 200.
        #[serde(default)]
        limit: Option<u64>,
        /// How many to pass over.
        #[serde(default)]
        offset: Option<u64>,
        /// With this text in name or description.
        #[serde(default)]
        query: Option<String>,
        /// `all`, `enabled` or `disabled`.
        #[serde(default)]
        enabled: Option<String>,
        /// `all`, `at`, `every` or `cron`.
        #[serde(default)]
        schedule_kind: Option<String>,
        /// `all`, `ok`, `error`, `skipped` or `unknown`.
        #[serde(default)]
        last_run_status: Option<String>,
        /// `all`, `conditional` or `unconditional`; no job has a condition.
        #[serde(default)]
        trigger: Option<String>,
        /// `nextRunAtMs`, `updatedAtMs` or `name`.
        #[serde(default)]
        sort_by: Option<String>,
        /// `asc` or `desc`.
        #[serde(default)]
        sort_dir: Option<String>,
        /// Only this agent's.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Short rows.
        #[serde(default)]
        compact: Option<bool>,
        /// What becomes of the results. Default true for full rows.
        #[serde(default)]
        include_delivery_previews: Option<bool>,
    } understood {}
}

/// A page of jobs; in dialect 3 only the jobs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    jobs: Jobs,
    #[serde(flatten)]
    page: Option<PageFields>,
}

#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Jobs {
    Full(Vec<cron::JobRow>),
    Compact(Vec<cron::CompactRow>),
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PageFields {
    /// Changes with the jobs on the page.
    snapshot_revision: String,
    total: u64,
    offset: u64,
    limit: u64,
    has_more: bool,
    next_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_previews: Option<BTreeMap<String, cron::Preview>>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "cron.list";
    const ABOUT: &'static str = "The scheduled jobs, filtered, sorted and in pages.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let query = query(&call, &params)?;
        let (limit, offset) = (query.limit, query.offset as u64);
        let conditional = params.trigger.as_deref() == Some("conditional");
        let page =
            state.store.read(move |reader| reader.cron_jobs(&query)).await.map_err(|error| fault::store(&error))?;
        let (jobs, total) = if conditional { (Vec::new(), 0) } else { (page.rows, page.total) };
        let compact = params.compact.unwrap_or(false);
        let rows = if compact {
            Jobs::Compact(jobs.iter().map(|job| cron::compact(state, job)).collect())
        } else {
            Jobs::Full(jobs.iter().map(|job| full(&call, job)).collect())
        };
        if call.dialect() == Dialect::V3 {
            return Ok(Reply { jobs: rows, page: None });
        }
        let shown = jobs.len() as u64;
        let has_more = offset + shown < total;
        let previews = params.include_delivery_previews.unwrap_or(!compact);
        let previews =
            previews.then(|| jobs.iter().map(|job| (job.id.to_string(), cron::preview(state, job))).collect());
        let text = serde_json::to_vec(&rows).unwrap_or_default();
        let page = PageFields {
            snapshot_revision: format!("sha256:{}", URL_SAFE_NO_PAD.encode(Sha256::digest(text))),
            total,
            offset,
            limit: if params.limit.is_some() { limit as u64 } else { shown },
            has_more,
            next_offset: has_more.then_some(offset + shown),
            delivery_previews: previews,
        };
        Ok(Reply { jobs: rows, page: Some(page) })
    }
}

fn full(call: &Call, job: &Job) -> cron::JobRow {
    let mut row = cron::job_row(call.state(), job);
    row.effective_agent_id = Some(cron::effective_agent(call.state(), job));
    row
}

fn query(call: &Call, params: &Params) -> Result<JobQuery, WireError> {
    let refuse = |path: &str, what: &str| refuse(List::NAME, path, what);
    let limit = match params.limit {
        None => UNSAID,
        Some(limit @ 1..=200) => limit as usize,
        Some(_) => return Err(refuse("limit", "must be at least 1 and at most 200")),
    };
    let enabled = match params.enabled.as_deref() {
        None => (!params.include_disabled.unwrap_or(false)).then_some(true),
        Some("all") => None,
        Some("enabled") => Some(true),
        Some("disabled") => Some(false),
        Some(_) => return Err(refuse("enabled", "must be all, enabled or disabled")),
    };
    let kind = match params.schedule_kind.as_deref() {
        None | Some("all") => None,
        Some("at") => Some("at"),
        Some("every") => Some("every"),
        Some("cron") => Some("cron"),
        // There is none of these.
        Some("on-exit") => Some("on-exit"),
        Some("stream") => Some("stream"),
        Some(_) => return Err(refuse("scheduleKind", "must be all, at, every, cron, on-exit or stream")),
    };
    let last_status = match params.last_run_status.as_deref() {
        None | Some("all") => None,
        Some("ok") => Some(Some("ok")),
        Some("error") => Some(Some("error")),
        Some("skipped") => Some(Some("skipped")),
        Some("unknown") => Some(None),
        Some(_) => return Err(refuse("lastRunStatus", "must be all, ok, error, skipped or unknown")),
    };
    if !matches!(params.trigger.as_deref(), None | Some("all" | "conditional" | "unconditional")) {
        return Err(refuse("trigger", "must be all, conditional or unconditional"));
    }
    let sort = match params.sort_by.as_deref() {
        None | Some("nextRunAtMs") => JobSort::Next,
        Some("updatedAtMs") => JobSort::Updated,
        Some("name") => JobSort::Name,
        Some(_) => return Err(refuse("sortBy", "must be nextRunAtMs, updatedAtMs or name")),
    };
    let descending = match params.sort_dir.as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(_) => return Err(refuse("sortDir", "must be asc or desc")),
    };
    let search = params.query.clone().filter(|query| !query.trim().is_empty());
    if search.as_ref().is_some_and(|query| query.len() > 1024) {
        return Err(refuse("query", "must not be longer than 1024 bytes"));
    }
    let default = call.state().default_agent();
    Ok(JobQuery {
        enabled,
        agent: params.agent_id.clone().map(|agent| (agent.clone(), agent == default)),
        kind,
        last_status,
        search,
        sort,
        descending,
        offset: usize::try_from(params.offset.unwrap_or(0)).unwrap_or(usize::MAX).min(1 << 31),
        limit,
    })
}

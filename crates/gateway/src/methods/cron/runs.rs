//! `cron.runs`: what came of jobs.

use openclaw_store::cron::OccurrenceQuery;
use uuid::Uuid;

use super::asked::refuse;
use crate::{cron, methods::prelude::*};

/// Runs on a page when the caller does not say.
const UNSAID: usize = 50;

params! {
    /// Which runs.
    {
        /// Of this job.
        #[serde(default)]
        id: Option<String>,
        /// The same.
        #[serde(default)]
        job_id: Option<String>,
        /// `job`, or `all` for every job's. Default: `job` when one is named.
        #[serde(default)]
        scope: Option<String>,
        /// Only this agent's.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Only this run.
        #[serde(default)]
        run_id: Option<String>,
        /// Most runs on the page, 1 to 200. Default 50.
        #[serde(default)]
        limit: Option<u64>,
        /// How many to pass over.
        #[serde(default)]
        offset: Option<u64>,
        /// `all`, `ok`, `error` or `skipped`.
        #[serde(default)]
        status: Option<String>,
        /// Several of them.
        #[serde(default)]
        statuses: Option<Vec<String>>,
        /// `delivered`, `not-delivered`, `unknown` or `not-requested`.
        #[serde(default)]
        delivery_status: Option<String>,
        /// Several of them.
        #[serde(default)]
        delivery_statuses: Option<Vec<String>>,
        /// With this text in summary, error or name.
        #[serde(default)]
        query: Option<String>,
        /// `desc` (newest first) or `asc`.
        #[serde(default)]
        sort_dir: Option<String>,
    } understood {}
}

/// A page of runs; in dialect 3 only the runs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    entries: Vec<cron::RunRow>,
    #[serde(flatten)]
    page: Option<PageFields>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PageFields {
    total: u64,
    offset: u64,
    limit: u64,
    has_more: bool,
    next_offset: Option<u64>,
}

pub(crate) struct Runs;

impl Method for Runs {
    const NAME: &'static str = "cron.runs";
    const ABOUT: &'static str = "What came of scheduled jobs: the runs of one or of all, in pages.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let query = query(&call, params)?;
        let (limit, offset) = (query.limit as u64, query.offset as u64);
        let read = state.store.read(move |reader| reader.cron_occurrences(&query)).await;
        let page = read.map_err(|error| fault::store(&error))?;
        let entries: Vec<cron::RunRow> = page.rows.iter().map(cron::entry).collect();
        let shown = entries.len() as u64;
        let has_more = offset + shown < page.total;
        let fields =
            PageFields { total: page.total, offset, limit, has_more, next_offset: has_more.then_some(offset + shown) };
        Ok(Reply { entries, page: (call.dialect() != Dialect::V3).then_some(fields) })
    }
}

fn query(call: &Call, params: Params) -> Result<OccurrenceQuery, WireError> {
    let refuse = |path: &str, what: &str| refuse(Runs::NAME, path, what);
    let id = params.id.or(params.job_id);
    let all = match params.scope.as_deref() {
        None => id.is_none() && call.dialect() != Dialect::V3,
        Some("all") => true,
        Some("job") => false,
        Some(_) => return Err(refuse("scope", "must be job or all")),
    };
    if !all && id.is_none() && params.run_id.is_none() {
        let text = "invalid cron.runs params: must have required property 'id', or scope \"all\"";
        return Err(WireError::params(text).with("path", "params.id"));
    }
    // A job that nobody knows has no runs; its history may outlive it.
    let job_id = id.filter(|_| !all).map(|id| Uuid::parse_str(&id).unwrap_or(Uuid::nil()));
    let limit = match params.limit {
        None => UNSAID,
        Some(limit @ 1..=200) => limit as usize,
        Some(_) => return Err(refuse("limit", "must be at least 1 and at most 200")),
    };
    let mut states = Vec::new();
    let statuses = params.statuses.unwrap_or_default().into_iter().chain(params.status);
    for status in statuses.filter(|status| status != "all") {
        let of = cron::runs_states(&status);
        if of.is_empty() {
            return Err(refuse("status", "must be all, ok, error or skipped"));
        }
        states.extend(of);
    }
    let mut deliveries = Vec::new();
    for word in params.delivery_statuses.unwrap_or_default().into_iter().chain(params.delivery_status) {
        let known = ["delivered", "not-delivered", "unknown", "not-requested"].into_iter().find(|known| *known == word);
        let what = "must be delivered, not-delivered, unknown or not-requested";
        deliveries.push(known.ok_or_else(|| refuse("deliveryStatus", what))?);
    }
    let ascending = match params.sort_dir.as_deref() {
        None | Some("desc") => false,
        Some("asc") => true,
        Some(_) => return Err(refuse("sortDir", "must be asc or desc")),
    };
    let search = params.query.filter(|query| !query.trim().is_empty());
    if search.as_ref().is_some_and(|query| query.len() > 1024) {
        return Err(refuse("query", "must not be longer than 1024 bytes"));
    }
    let default = call.state().default_agent();
    Ok(OccurrenceQuery {
        job_id,
        run_id: params.run_id,
        agent: params.agent_id.map(|agent| (agent.clone(), agent == default)),
        states,
        deliveries,
        search,
        ascending,
        offset: usize::try_from(params.offset.unwrap_or(0)).unwrap_or(usize::MAX).min(1 << 31),
        limit,
    })
}

//! `sessions.cleanup`: sessions that nobody can use any more.

use super::purge::{self, Transcripts};
use crate::methods::prelude::*;

params! {
    /// What to look at, and whether to do something about it.
    {
        /// Only sessions of this agent; of all when absent.
        #[serde(default)]
        agent: Option<AgentId>,
        /// Whether they are removed; else they are counted.
        #[serde(default)]
        enforce: bool,
        /// A session that stays in any case.
        #[serde(default)]
        active_key: Option<SessionKey>,
    } understood { all_agents fix_missing fix_dm_scope }
}

/// What there was to do.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Which agent, or `*`.
    agent_id: String,
    /// Where sessions are kept.
    store_path: String,
    /// `enforce` or `warn`.
    mode: &'static str,
    /// Whether nothing was changed.
    dry_run: bool,
    before_count: u64,
    after_count: u64,
    /// Sessions of agents that are not configured any more. What was said in them is kept among the archives.
    missing: u64,
    dm_scope_retired: u64,
    model_run_pruned: u64,
    pruned: u64,
    capped: u64,
    unreferenced_artifacts: Artifacts,
    /// There is no such budget.
    disk_budget: Option<Value>,
    /// Whether there is something to do.
    would_mutate: bool,
    /// That it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<bool>,
    /// Sessions that are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    applied_count: Option<u64>,
}

/// Files that belong to nothing: there are none, everything is in one database.
#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Artifacts {
    removed_files: u64,
    freed_bytes: u64,
}

pub(crate) struct Cleanup;

impl Method for Cleanup {
    const NAME: &'static str = "sessions.cleanup";
    const ABOUT: &'static str = "Counts, or removes, sessions of agents that are not configured any more.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("session.deleted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let kept = params.active_key.map(|key| call.agent_of(&call.canonical(&key)));
        let counts = state.store.read(openclaw_store::Reader::session_counts).await;
        let counts = counts.map_err(|error| fault::store(&error))?;
        let wanted = |agent: &AgentId| params.agent.as_ref().is_none_or(|wanted| wanted == agent);
        let before_count: u64 = counts.iter().filter(|(agent, _)| wanted(agent)).map(|(_, count)| *count).sum();
        let gone: Vec<(AgentId, u64)> = counts
            .into_iter()
            .filter(|(agent, count)| {
                *count > 0 && wanted(agent) && state.agent(agent).is_err() && kept.as_ref() != Some(agent)
            })
            .collect();
        let mut missing: u64 = gone.iter().map(|(_, count)| *count).sum();
        if params.enforce {
            missing = 0;
            for (agent, _) in &gone {
                missing += purge::of_agent::<Self>(&call, agent, Transcripts::Kept).await? as u64;
            }
        }
        let after_count = before_count.saturating_sub(missing);
        Ok(Reply {
            agent_id: params.agent.map_or_else(|| "*".to_owned(), |agent| agent.to_string()),
            store_path: state.store_path(),
            mode: if params.enforce { "enforce" } else { "warn" },
            dry_run: !params.enforce,
            before_count,
            after_count,
            missing,
            dm_scope_retired: 0,
            model_run_pruned: 0,
            pruned: 0,
            capped: 0,
            unreferenced_artifacts: Artifacts::default(),
            disk_budget: None,
            would_mutate: missing > 0,
            applied: params.enforce.then_some(true),
            applied_count: params.enforce.then_some(after_count),
        })
    }
}

//! `diagnostics.lanes`: what is at work and what waits.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// When it was looked at.
    ts: i64,
    lanes: Vec<Lane>,
    /// There are no lanes beside these.
    dynamic: Option<u32>,
}

/// One kind of work.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Lane {
    lane: &'static str,
    queued_count: usize,
    active_count: usize,
    max_concurrent: usize,
    draining: bool,
    generation: u64,
    /// Nothing holds a lane up.
    blocked_by: Option<String>,
}

pub(crate) struct Lanes;

impl Method for Lanes {
    const NAME: &'static str = "diagnostics.lanes";
    const ABOUT: &'static str = "Runs that are at work and runs that wait.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let active = call.state().runs.active_count();
        let open = call.state().store.read(openclaw_store::Reader::unfinished_runs).await;
        let queued = open.map_err(|error| fault::store(&error))?.len().saturating_sub(active);
        let main = Lane {
            lane: "main",
            queued_count: queued,
            active_count: active,
            max_concurrent: crate::runs::LIVE_SESSIONS,
            draining: false,
            generation: 0,
            blocked_by: None,
        };
        Ok(Reply { ts: call.now_ms(), lanes: vec![main], dynamic: None })
    }
}

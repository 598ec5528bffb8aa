//! `spawn.list`: the newest programs that were started, and how far they have come.

use super::Shown;
use crate::methods::prelude::*;

params! {
    /// Which, and how many.
    {
        /// Only those that run.
        #[serde(default)]
        active: bool,
        /// Most programs, 1 to 1,000; 100 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Newest first.
    spawns: Vec<Shown>,
    /// How many run now.
    running: usize,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "spawn.list";
    const ABOUT: &'static str = "The newest programs that were started with spawn.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(100);
        if !(1..=1000).contains(&limit) {
            let text = format!("invalid spawn.list params: at /limit: must be 1 to 1000, found {limit}");
            return Err(WireError::params(text).with("path", "params.limit"));
        }
        let (state, active) = (call.state(), params.active);
        let kept =
            state.store.read(move |reader| if active { reader.unfinished_spawns() } else { reader.spawns(limit) });
        let mut kept = kept.await.map_err(|error| fault::store(&error))?;
        if active {
            kept.reverse();
            kept.truncate(limit);
        }
        let spawns = kept
            .into_iter()
            .map(|spawned| {
                let args = state.spawns.get(spawned.spawn_id).map(|live| live.args.clone());
                Shown::of(spawned, args)
            })
            .collect();
        Ok(Reply { spawns, running: state.spawns.running() })
    }
}

//! `spawn.kill`: ends a program and everything that it started.

use std::time::Duration;

use openclaw_sandbox::StopReason;
use openclaw_store::Transaction;

use super::Shown;
use crate::methods::prelude::*;

/// How much longer than its grace the end of a program is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

params! {
    /// Which program.
    {
        /// Its `spawnId`, or the id of the request that started it.
        id: String,
        /// Whether to end it at once, without asking it to end by itself first.
        #[serde(default)]
        force: bool,
    } understood {}
}

pub(crate) struct Kill;

impl Method for Kill {
    const NAME: &'static str = "spawn.kill";
    const ABOUT: &'static str =
        "Asks a program to end (SIGTERM), ends it when its grace is over (SIGKILL), and answers when it is gone.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("spawn.kill");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Shown;

    async fn call(call: Call, params: Params) -> Result<Shown, WireError> {
        let state = call.state();
        let live = state.spawns.find(&params.id)?;
        let mut over = live.over.subscribe();
        if over.borrow().is_none() {
            let detail = json!({ "spawnId": live.spawned.spawn_id, "force": params.force });
            let audit = call.audit("spawn.kill", Self::NAME, Some(live.spawned.command.clone()), detail);
            let transaction = Transaction { changes: Vec::new(), audit, idempotency: None };
            state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
            if params.force {
                live.control.kill(StopReason::Asked);
            } else {
                live.control.stop(StopReason::Asked);
            }
        }
        let grace = Duration::from_millis(state.active().loaded.config.spawn.limits.grace_ms);
        let wait = tokio::time::timeout(grace + PATIENCE, over.wait_for(Option::is_some)).await;
        if !matches!(wait, Ok(Ok(_))) {
            let text = "the program was told to end and has not ended yet; the system does not let it go, spawn_result will tell";
            return Err(WireError::unavailable(detail::TIMEOUT, text).retryable(Some(1000)));
        }
        Ok(Shown::of(live.now(), Some(live.args.clone())))
    }
}

//! `set-heartbeats`: turns the regular looks of all agents on or off.

use openclaw_store::{Change, Transaction};

use crate::{heartbeat, methods::prelude::*};

params! {
    /// On or off.
    {
        /// Whether agents look by themselves and when they are woken.
        enabled: bool,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
    enabled: bool,
}

pub(crate) struct SetHeartbeats;

impl Method for SetHeartbeats {
    const NAME: &'static str = "set-heartbeats";
    const ABOUT: &'static str = "Turns the regular looks of all agents on or off; that outlives a restart.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("heartbeats.set");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, Params { enabled }: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let audit = call.audit("heartbeats.set", Self::NAME, None, json!({ "enabled": enabled }));
        let value = if enabled { Value::Null } else { json!(false) };
        let changes = vec![Change::PutSetting { name: heartbeat::SETTING.to_owned(), value }];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        written.map_err(|error| fault::store(&error))?;
        state.heartbeats.set_enabled(enabled);
        state.health.touch();
        Ok(Reply { ok: true, enabled })
    }
}

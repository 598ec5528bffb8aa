//! `gateways.remove`: forgets a gateway, its token and the connections to it.

use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Its id, as `gateways.list` says.
        id: String,
    } understood {}
}

/// Which is gone.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    id: String,
}

pub(crate) struct Remove;

impl Method for Remove {
    const NAME: &'static str = "gateways.remove";
    const ABOUT: &'static str = "Forgets a gateway with its token, and ends the connections to it.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("gateway.removed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let _turn = state.fleet.changing().await;
        let seen = state.fleet.get(&params.id)?;
        let about = json!({ "name": seen.kept.name, "url": seen.kept.url });
        let audit = call.audit("gateway.removed", Self::NAME, Some(seen.id.to_string()), about);
        state.fleet.write(state, &seen.id, None, audit).await?;
        Ok(Reply { id: seen.id.to_string() })
    }
}

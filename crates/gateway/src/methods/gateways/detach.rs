//! `gateways.detach`: hears no more of another gateway.

use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Its id, as `gateways.list` says.
        id: String,
    } understood {}
}

/// Whether there was a connection to give up.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    detached: bool,
}

pub(crate) struct Detach;

impl Method for Detach {
    const NAME: &'static str = "gateways.detach";
    const ABOUT: &'static str =
        "Gives up the caller's connection to another gateway, with what it had subscribed there.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        Ok(Reply { detached: call.state().fleet.detach(call.conn().number, &params.id) })
    }
}

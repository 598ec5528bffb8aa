//! `gateways.attach`: hears what happens on another gateway.

use crate::{fleet::Attached, methods::prelude::*};

params! {
    /// Which.
    {
        /// Its id, as `gateways.list` says.
        id: String,
    } understood {}
}

/// What that gateway says of itself to this caller.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Which.
    id: String,
    /// Its name for people.
    name: String,
    /// Its hello: `protocol`, `server`, `features`, `snapshot`, `policy` and `auth` with role and scopes; no token.
    hello: Value,
}

pub(crate) struct Attach;

impl Method for Attach {
    const NAME: &'static str = "gateways.attach";
    const ABOUT: &'static str = "Connects the caller to another gateway with the caller's own scopes: its events come as gateways.event, and gateways.line tells of gaps and of the end. It ends with gateways.detach or the caller's connection.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        if !state.hub.has(call.conn().number) {
            return Err(WireError::invalid(
                detail::INVALID_PARAMS,
                "gateways.attach needs a connection that stays; over HTTP, use gateways.call",
            ));
        }
        let Attached { id, name, hello } = state.fleet.attach(&call, &params.id).await?;
        Ok(Reply { id: id.to_string(), name, hello })
    }
}

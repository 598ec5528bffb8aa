//! `gateways.list`: the gateways that are known, and how they are.

use super::shown::Gateway;
use crate::methods::prelude::*;

/// Looks at each that a list shows.
const LOOKS: usize = 40;

params! {
    /// Nothing to say.
    {} understood {}
}

/// The fleet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The primary one first, then by name.
    gateways: Vec<Gateway>,
    /// Version of this gateway, to compare with.
    version: &'static str,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "gateways.list";
    const ABOUT: &'static str = "Lists the other gateways that are reached through this one, and how they are.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let gateways = call.state().fleet.list().iter().map(|seen| Gateway::of(seen, LOOKS)).collect();
        Ok(Reply { gateways, version: openclaw_protocol::VERSION })
    }
}

//! `gateways.get`: one gateway, with every look that is remembered.

use super::shown::Gateway;
use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Its id, as `gateways.list` says.
        id: String,
    } understood {}
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "gateways.get";
    const ABOUT: &'static str =
        "Shows one gateway that is reached through this one, with the looks at it of the last hour.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Gateway;

    async fn call(call: Call, params: Params) -> Result<Gateway, WireError> {
        Ok(Gateway::of(&call.state().fleet.get(&params.id)?, usize::MAX))
    }
}

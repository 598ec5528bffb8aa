//! `users.list`: who uses the gateway.

use super::Profile;
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { include_merged }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    profiles: Vec<Profile>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "users.list";
    const ABOUT: &'static str = "Who uses the gateway: its owner.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { profiles: vec![super::owner(call.state()).await?] })
    }
}

//! `users.self`: who the caller is.

use super::Profile;
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    profile: Profile,
}

pub(crate) struct Oneself;

impl Method for Oneself {
    const NAME: &'static str = "users.self";
    const ABOUT: &'static str = "Who the caller is: the owner of the gateway.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { profile: super::owner(call.state()).await? })
    }
}

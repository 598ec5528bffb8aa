//! `audit.activity.list`: what agents did, messages included; there are no messages on channels yet.

use super::list::{Params, Reply, answer};
use crate::methods::prelude::*;

pub(crate) struct ActivityList;

impl Method for ActivityList {
    const NAME: &'static str = "audit.activity.list";
    const ABOUT: &'static str = "What agents did, newest first, from the audit trail.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        answer(call, params).await.map(Reply::typed)
    }
}

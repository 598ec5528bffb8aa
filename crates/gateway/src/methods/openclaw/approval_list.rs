//! `openclaw.approval.list`: what waits of an agent that looks after the gateway itself.

use openclaw_protocol::event::ApprovalRequested;

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "openclaw.approval.list";
    const ABOUT: &'static str =
        "What waits of an agent that looks after the gateway itself: nothing, because there is no such agent.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Vec<ApprovalRequested>;

    async fn call(_: Call, _: Params) -> Result<Self::Reply, WireError> {
        Ok(Vec::new())
    }
}

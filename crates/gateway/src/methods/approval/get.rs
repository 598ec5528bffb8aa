//! `approval.get`: an approval, waiting or over.

use openclaw_protocol::event::ApprovalSnapshot;

use super::KINDS;
use crate::{
    approvals,
    methods::{exec::asked, prelude::*},
};

params! {
    /// Which approval.
    { id: String, } understood {}
}

/// An approval.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    approval: ApprovalSnapshot,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "approval.get";
    const ABOUT: &'static str = "An approval, waiting or over.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let found = approvals::find(call.state(), &params.id, KINDS).await?;
        let approval = found
            .filter(|approval| approvals::may_see(&call, approval))
            .and_then(|approval| approvals::snapshot(&approval))
            .ok_or_else(|| asked::unknown(&call))?;
        Ok(Reply { approval })
    }
}

//! `exec.approval.list`: commands that wait for people.

use openclaw_core::approval::Kind;
use openclaw_protocol::event::ApprovalRequested;

use crate::{approvals, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "exec.approval.list";
    const ABOUT: &'static str = "Commands that wait for people, oldest first.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Vec<ApprovalRequested>;

    async fn call(call: Call, _: Params) -> Result<Self::Reply, WireError> {
        Ok(waiting(&call, Kind::Exec))
    }
}

/// What waits of a kind.
pub(in crate::methods) fn waiting(call: &Call, kind: Kind) -> Vec<ApprovalRequested> {
    let pending = call.state().approvals.pending();
    pending
        .iter()
        .filter(|one| one.approval.kind() == kind && approvals::may_see(call, &one.approval))
        .filter_map(|one| approvals::requested(&one.approval))
        .collect()
}

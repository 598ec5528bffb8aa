//! `plugin.approval.list`: wishes of plugins that wait for people.

use openclaw_core::approval::Kind;
use openclaw_protocol::event::ApprovalRequested;

use crate::methods::{exec::waiting, prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "plugin.approval.list";
    const ABOUT: &'static str = "Wishes of plugins that wait for people, oldest first.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Vec<ApprovalRequested>;

    async fn call(call: Call, _: Params) -> Result<Self::Reply, WireError> {
        Ok(waiting(&call, Kind::Plugin))
    }
}

//! `plugin.approval.waitDecision`: waits for what people decide about a wish of a plugin.

use openclaw_core::approval::Kind;

use crate::methods::{
    exec::{asked::Decided, wait},
    prelude::*,
};

params! {
    /// Which approval.
    { id: String, } understood {}
}

pub(crate) struct WaitDecision;

impl Method for WaitDecision {
    const NAME: &'static str = "plugin.approval.waitDecision";
    const ABOUT: &'static str =
        "Waits for what people decide about a wish of a plugin; at once when they have, also after a restart.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Decided;

    async fn call(call: Call, params: Params) -> Result<Decided, WireError> {
        wait(call, params.id, Kind::Plugin).await
    }
}

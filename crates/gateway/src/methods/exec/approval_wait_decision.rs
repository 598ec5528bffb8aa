//! `exec.approval.waitDecision`: waits for what people decide about a command.

use openclaw_core::approval::Kind;

use super::asked::{self, Decided};
use crate::{approvals, methods::prelude::*};

params! {
    /// Which approval.
    { id: String, } understood {}
}

pub(crate) struct WaitDecision;

impl Method for WaitDecision {
    const NAME: &'static str = "exec.approval.waitDecision";
    const ABOUT: &'static str =
        "Waits for what people decide about a command; at once when they have, also after a restart.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Decided;

    async fn call(call: Call, params: Params) -> Result<Decided, WireError> {
        wait(call, params.id, Kind::Exec).await
    }
}

/// Waits for one of this kind.
pub(in crate::methods) async fn wait(call: Call, id: String, kind: Kind) -> Result<Decided, WireError> {
    let waiting = call.state().approvals.waiting(&id, &[kind]);
    // Whoever may not look at it is told nothing of it either.
    if let Some(waiting) = waiting.filter(|waiting| approvals::may_see(&call, &waiting.approval)) {
        return Ok(Decided::of(&*asked::ended(&call, waiting).await?));
    }
    match approvals::find(call.state(), &id, &[kind]).await? {
        Some(approval) if !approval.is_pending() && approvals::may_see(&call, &approval) => Ok(Decided::of(&approval)),
        _ => {
            let text = "approval expired or not found";
            Err(WireError::invalid(detail::APPROVAL_NOT_FOUND, text).with("reason", detail::APPROVAL_NOT_FOUND))
        }
    }
}

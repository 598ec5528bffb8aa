//! `plugin.approval.resolve`: somebody decides about a wish of a plugin.

use openclaw_core::approval::Kind;

use crate::{
    approvals,
    methods::{exec::asked, prelude::*},
};

params! {
    /// Which approval, and what is decided.
    {
        /// Its name.
        id: String,
        /// `allow-once`, `allow-always` or `deny`.
        decision: String,
    } understood { reviewer }
}

/// It counts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
}

pub(crate) struct Resolve;

impl Method for Resolve {
    const NAME: &'static str = "plugin.approval.resolve";
    const ABOUT: &'static str = "Decides about a wish of a plugin. The first answer counts.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("approval.resolved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let decision = asked::decision(&params.decision)?;
        let resolved = approvals::decide(&call, Self::NAME, &params.id, &[Kind::Plugin], decision, None).await?;
        asked::answer(&call, resolved)?;
        Ok(Reply { ok: true })
    }
}

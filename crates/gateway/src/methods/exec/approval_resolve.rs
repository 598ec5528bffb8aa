//! `exec.approval.resolve`: somebody decides about a command.

use openclaw_core::approval::Kind;

use super::asked;
use crate::{approvals, methods::prelude::*};

params! {
    /// Which approval, and what is decided.
    {
        /// Its name.
        id: String,
        /// `allow-once`, `allow-always` or `deny`.
        decision: String,
        /// With `allow-always`: days after which the permission ends; it holds until it is revoked when absent.
        #[serde(default)]
        grant_expires_in_days: Option<u32>,
    } understood { reviewer }
}

/// It counts.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
}

pub(crate) struct Resolve;

impl Method for Resolve {
    const NAME: &'static str = "exec.approval.resolve";
    const ABOUT: &'static str = "Decides whether a command may run. The first answer counts.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("approval.resolved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let decision = asked::decision(&params.decision)?;
        let days = asked::days(params.grant_expires_in_days)?;
        let resolved = approvals::decide(&call, Self::NAME, &params.id, &[Kind::Exec], decision, days).await?;
        asked::answer(&call, resolved)?;
        Ok(Reply { ok: true })
    }
}

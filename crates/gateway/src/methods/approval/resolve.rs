//! `approval.resolve`: somebody decides, whatever it is about.

use openclaw_protocol::event::ApprovalSnapshot;

use super::KINDS;
use crate::{
    approvals::{self, Resolved},
    methods::{exec::asked, prelude::*},
};

params! {
    /// Which approval, and what is decided.
    {
        /// Its name.
        id: String,
        /// `exec` or `plugin`: what the caller takes it for.
        kind: String,
        /// `allow-once`, `allow-always` or `deny`.
        decision: String,
        /// With `allow-always`: days after which the permission ends; it holds until it is revoked when absent.
        #[serde(default)]
        grant_expires_in_days: Option<u32>,
    } understood { reviewer }
}

/// What stands now, whoever decided.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Whether this call decided.
    applied: bool,
    /// The approval.
    approval: ApprovalSnapshot,
}

pub(crate) struct Resolve;

impl Method for Resolve {
    const NAME: &'static str = "approval.resolve";
    const ABOUT: &'static str =
        "Decides about an approval. The first answer counts, and everybody is told what stands.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("approval.resolved");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let decision = asked::decision(&params.decision)?;
        let days = asked::days(params.grant_expires_in_days)?;
        let kind: Vec<_> = KINDS.iter().copied().filter(|kind| kind.as_str() == params.kind).collect();
        if kind.is_empty() && params.kind != "system-agent" {
            let text = "kind must be exec, plugin or system-agent";
            return Err(WireError::params(text).with("path", "params.kind"));
        }
        let resolved = approvals::decide(&call, Self::NAME, &params.id, &kind, decision, days).await?;
        let (applied, approval) = match resolved {
            Resolved::Applied(approval) => (true, approval),
            Resolved::Repeated(approval) | Resolved::Over(approval) => (false, approval),
            Resolved::NotOffered(approval) => return Err(asked::not_offered(&approval)),
            Resolved::Unknown | Resolved::OtherKind => return Err(asked::unknown(&call)),
        };
        let approval = approvals::snapshot(&approval).ok_or_else(|| asked::unknown(&call))?;
        Ok(Reply { applied, approval })
    }
}

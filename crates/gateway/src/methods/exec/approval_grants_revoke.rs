//! `exec.approval.grants.revoke`: takes back what people allowed for good.

use openclaw_store::{ApprovalChange, ApprovalOutcome, Change, Outcome, Transaction};

use crate::methods::prelude::*;

params! {
    /// Which permission.
    { grant_id: String, } understood {}
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// `revoked`, `already-revoked` or `not-found`.
    outcome: &'static str,
}

pub(crate) struct GrantsRevoke;

impl Method for GrantsRevoke {
    const NAME: &'static str = "exec.approval.grants.revoke";
    const ABOUT: &'static str = "Takes back what people allowed for good; the next time they are asked again.";
    const ACCESS: Access = Access::Scope(Scope::Approvals);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("approval.grant.revoked");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        if params.grant_id.is_empty() || params.grant_id.len() > 128 {
            return Err(WireError::params("grantId must have 1 to 128 bytes").with("path", "params.grantId"));
        }
        let audit = call.audit("approval.grant.revoked", Self::NAME, Some(params.grant_id.clone()), Value::Null);
        let by = call.principal().audit_name();
        let change = ApprovalChange::RevokeGrant { id: params.grant_id, at: call.now_ms(), by };
        let changes = vec![Change::Approval(change)];
        let committed = call.state().store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = committed.map_err(|error| fault::store(&error))?;
        Ok(Reply {
            outcome: match committed.outcomes.first() {
                Some(Outcome::Approval(ApprovalOutcome::AlreadyRevoked(_))) => "already-revoked",
                Some(Outcome::Approval(ApprovalOutcome::NoGrant)) => "not-found",
                _ => "revoked",
            },
        })
    }
}

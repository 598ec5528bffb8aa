//! Running what people allowed: exactly that, once, by whoever asked.

use std::collections::BTreeMap;

use openclaw_core::approval::{self, Decision, Kind, NotRedeemed, Plan, Redeeming, Subject};
use openclaw_protocol::{ErrorCode, WireError, detail};
use openclaw_store::{ApprovalChange, Change, Error, Transaction};
use serde_json::json;

use super::find;
use crate::{call::Call, fault};

/// What is to run because people allowed it.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    /// The method that runs it, for the audit.
    pub(crate) method: &'static str,
    /// The program and its arguments.
    pub(crate) argv: &'a [String],
    /// The folder.
    pub(crate) cwd: Option<&'a str>,
    /// Variables besides.
    pub(crate) env: &'a BTreeMap<String, String>,
    /// For which agent.
    pub(crate) agent_id: Option<&'a str>,
    /// In which session, canonical.
    pub(crate) session_key: Option<&'a str>,
    /// On which node; on the gateway when absent.
    pub(crate) node_id: Option<&'a str>,
    /// The program's file, where it is known.
    pub(crate) resolved_path: Option<&'a str>,
}

/// Uses an approval up, if it allows exactly this run. The use is on stable storage when this returns, so that nothing runs twice.
///
/// # Errors
/// Why it does not run.
pub(crate) async fn redeem(call: &Call, id: &str, run: &Run<'_>) -> Result<Decision, WireError> {
    let state = call.state();
    let unknown =
        || WireError::invalid(detail::APPROVAL_NOT_FOUND, "unknown or expired approval id").with("approvalId", id);
    let approval = find(state, id, &[Kind::Exec]).await?.ok_or_else(unknown)?;
    // Whoever did not ask learns nothing about it.
    if approval.asked_by.principal != call.principal().audit_name() {
        return Err(unknown());
    }
    let Subject::Exec(request) = &approval.subject else { return Err(unknown()) };
    let quoted = approval::quoted(run.argv);
    // The text was compared with the words when it was asked; where no words were given, it must be the text of these.
    let (command, argv) = match &request.argv {
        Some(_) => (request.command.as_str(), Some(run.argv)),
        None => (quoted.as_str(), None),
    };
    let here = if run.node_id.is_some() { "node" } else { "gateway" };
    let host = request.host.as_deref().map(|_| here);
    // A program's file was named by whoever asked; where it can be looked up, it must be the same.
    let resolved_path = match (&request.resolved_path, run.resolved_path) {
        (Some(_), Some(found)) => Some(found),
        (asked, _) => asked.as_deref(),
    };
    let plan = Plan {
        agent_id: run.agent_id,
        host,
        node_id: run.node_id,
        command,
        argv,
        cwd: run.cwd,
        resolved_path,
        env: run.env,
    };
    let now = state.clock.now_ms();
    if let Err(why) = approval.redeem(&Redeeming { plan, session_key: run.session_key }, now) {
        let mut audit =
            call.audit("approval.misused", run.method, Some(id.to_owned()), json!({ "why": why.to_string() }));
        audit.severity = "warn".to_owned();
        audit.outcome = "denied".to_owned();
        state.audit_detached(audit);
        return Err(not_redeemed(id, why));
    }
    spend(call, run.method, id).await?;
    Ok(approval.decision().unwrap_or(Decision::AllowOnce))
}

/// Uses an approval up that the gateway asked for itself and now acts on.
///
/// # Errors
/// When it was used before, or the store fails.
pub(crate) async fn spent(call: &Call, method: &'static str, id: &str) -> Result<(), WireError> {
    spend(call, method, id).await
}

async fn spend(call: &Call, method: &'static str, id: &str) -> Result<(), WireError> {
    let state = call.state();
    let audit = call.audit("approval.redeemed", method, Some(id.to_owned()), serde_json::Value::Null);
    let changes = vec![Change::Approval(ApprovalChange::Redeem { id: id.to_owned(), at: state.clock.now_ms() })];
    match state.store.write(Transaction { changes, audit, idempotency: None }).await {
        Ok(_) => Ok(()),
        Err(Error::Conflict { .. }) => Err(not_redeemed(id, NotRedeemed::Used)),
        Err(error) => Err(fault::store(&error)),
    }
}

fn not_redeemed(id: &str, why: NotRedeemed) -> WireError {
    let code = match why {
        NotRedeemed::Used => "APPROVAL_ALREADY_USED",
        NotRedeemed::OtherPlan | NotRedeemed::OtherKind => "APPROVAL_MISMATCH",
        NotRedeemed::Pending => "APPROVAL_PENDING",
        NotRedeemed::NotAllowed => "APPROVAL_DENIED",
        NotRedeemed::Late => "APPROVAL_EXPIRED",
    };
    WireError::new(ErrorCode::Forbidden, code, why.to_string()).with("approvalId", id)
}

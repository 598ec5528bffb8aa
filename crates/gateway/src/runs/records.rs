//! What the owner of a session tells the store, and what it reads from its answers.

use openclaw_core::record::{AuditEvent, Run};
use openclaw_protocol::{RunId, SessionKey};
use openclaw_store::Outcome;
use serde_json::json;

/// The audit record of a step of a run.
pub(super) fn audit(key: &SessionKey, event: &str, run_id: &RunId, principal: &str, outcome: &str) -> AuditEvent {
    AuditEvent {
        event: event.to_owned(),
        severity: "info".to_owned(),
        actor: principal.to_owned(),
        ip: None,
        method: None,
        target: Some(key.to_string()),
        outcome: outcome.to_owned(),
        reason: None,
        detail: json!({ "runId": run_id }),
    }
}

/// The runs that a transaction ended.
pub(super) fn ended_runs(outcomes: &[Outcome]) -> Vec<Run> {
    let ended = |outcome: &Outcome| match outcome {
        Outcome::Run(run) if run.state.ended() => Some(run.clone()),
        _ => None,
    };
    outcomes.iter().filter_map(ended).collect()
}

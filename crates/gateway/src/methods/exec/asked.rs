//! What asking for a decision has in common, whatever it is about.

use std::sync::Arc;

use openclaw_core::approval::{Approval, Decision, Kind};

use crate::{
    approvals::{self, Resolved, Waiting, reason_word},
    methods::prelude::*,
};

/// The first answer of a call that waits in two phases.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    /// `accepted`.
    pub(crate) status: &'static str,
    /// Name of the approval.
    pub(crate) id: String,
    /// `approval-client`, or `none` when it waits for somebody to come.
    pub(crate) delivery_route: &'static str,
    /// When it was asked.
    pub(crate) created_at_ms: i64,
    /// From when on nobody can answer.
    pub(crate) expires_at_ms: i64,
}

/// What was decided.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decided {
    /// Name of the approval.
    pub(crate) id: String,
    /// `allow-once`, `allow-always` or `deny`; `null` when nobody decided.
    pub(crate) decision: Option<&'static str>,
    /// When it was asked.
    pub(crate) created_at_ms: i64,
    /// From when on nobody can answer.
    pub(crate) expires_at_ms: i64,
    /// `user`, `timeout`, `no-route` or `run-aborted`; `policy` when nobody was asked.
    pub(crate) terminal_reason: &'static str,
    /// Why nobody was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<&'static str>,
}

impl Decided {
    pub(crate) fn of(approval: &Approval) -> Self {
        Self {
            id: approval.id.clone(),
            decision: approval.decision().map(Decision::as_str),
            created_at_ms: approval.created_at,
            expires_at_ms: approval.expires_at,
            terminal_reason: approval.ending.as_ref().map_or("timeout", |ending| reason_word(&ending.how)),
            message: None,
        }
    }
}

/// Waits for people, after telling a caller that waits in two phases.
pub(crate) async fn wait(call: &Call, waiting: Waiting, two_phase: bool, routed: bool) -> Result<Decided, WireError> {
    let asked = Arc::clone(&waiting.approval);
    if two_phase && asked.is_pending() {
        call.accepted(&Accepted {
            status: "accepted",
            id: asked.id.clone(),
            delivery_route: if routed { "approval-client" } else { "none" },
            created_at_ms: asked.created_at,
            expires_at_ms: asked.expires_at,
        });
    }
    ended(call, waiting).await.map(|approval| Decided::of(&approval))
}

/// Waits for the end, or for the gateway's.
pub(crate) async fn ended(call: &Call, waiting: Waiting) -> Result<Arc<Approval>, WireError> {
    let stop = call.state().tasks.stop_token();
    tokio::select! {
        biased;
        ended = waiting.end() => ended.ok_or_else(approvals::stopping),
        () = stop.cancelled() => Err(approvals::stopping()),
    }
}

/// A name that a caller chose, or a fresh one.
pub(crate) fn id(call: &Call, chosen: Option<String>) -> Result<String, WireError> {
    let Some(id) = chosen else { return Ok(call.state().ids.uuid().to_string()) };
    if id.is_empty() || id.len() > 128 || id == "." || id == ".." || id.chars().any(char::is_control) {
        let text = "id must have 1 to 128 bytes without control characters, and be neither . nor ..";
        return Err(WireError::params(text).with("path", "params.id"));
    }
    Ok(id)
}

/// Milliseconds that people have: as asked, within a day; else what the dialect expects.
pub(crate) fn timeout(call: &Call, asked: Option<u64>, v4_ms: u64) -> Result<i64, WireError> {
    let usual = if call.dialect() == Dialect::V4 { v4_ms } else { 120_000 };
    if asked == Some(0) {
        return Err(WireError::params("timeoutMs must be at least 1").with("path", "params.timeoutMs"));
    }
    Ok(i64::try_from(asked.unwrap_or(usual).min(approvals::LONGEST_MS)).unwrap_or(i64::MAX))
}

/// Devices that one approval may name.
const REVIEWERS: usize = 32;

/// The devices that are asked, without repetitions.
///
/// # Errors
/// When there are too many, or one is no name of a device.
pub(crate) fn reviewers(devices: Option<Vec<String>>) -> Result<Vec<String>, WireError> {
    let mut devices = devices.unwrap_or_default();
    devices.sort_unstable();
    devices.dedup();
    if devices.len() > REVIEWERS || devices.iter().any(|device| device.is_empty() || device.len() > 128) {
        let text = format!("approvalReviewerDeviceIds takes at most {REVIEWERS} names of devices");
        return Err(WireError::params(text).with("path", "params.approvalReviewerDeviceIds"));
    }
    Ok(devices)
}

/// Most bytes of all texts of a request.
pub(crate) const TEXTS: usize = 64 * 1024;

/// Refuses what is longer than people can be shown.
pub(crate) fn bounded<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), WireError> {
    let bytes: usize = texts.into_iter().map(str::len).sum();
    if bytes > TEXTS {
        let text = format!("the request has {bytes} bytes of text, more than the {TEXTS} that can be shown to people");
        return Err(WireError::params(text).with("path", "params"));
    }
    Ok(())
}

/// There is no such approval, or no more.
pub(crate) fn unknown(call: &Call) -> WireError {
    let text = if call.dialect() == Dialect::V4 { "unknown or expired approval id" } else { "unknown approval id" };
    WireError::invalid(detail::APPROVAL_NOT_FOUND, text)
        .with("reason", detail::APPROVAL_NOT_FOUND)
        .with("remediation", "Ask again: an approval that expired or was answered cannot be answered any more.")
}

/// Reads a decision.
pub(crate) fn decision(word: &str) -> Result<Decision, WireError> {
    Decision::parse(word).ok_or_else(|| {
        WireError::params("invalid decision")
            .with("path", "params.decision")
            .with("allowed", Decision::ALL.map(Decision::as_str).to_vec())
    })
}

/// Refuses days of a standing permission that make no sense.
pub(crate) fn days(days: Option<u32>) -> Result<Option<u32>, WireError> {
    match days {
        Some(days) if !(1..=3650).contains(&days) => {
            Err(WireError::params("grantExpiresInDays must be 1 to 3650").with("path", "params.grantExpiresInDays"))
        }
        days => Ok(days),
    }
}

/// What became of somebody's decision, as `exec.approval.resolve` and `plugin.approval.resolve` answer it.
pub(crate) fn answer(call: &Call, resolved: Resolved) -> Result<Arc<Approval>, WireError> {
    match resolved {
        Resolved::Applied(approval) => Ok(approval),
        // Before dialect 4, whoever came second was told that there is nothing to answer.
        Resolved::Repeated(approval) if call.dialect() == Dialect::V4 => Ok(approval),
        Resolved::Over(approval) if call.dialect() == Dialect::V4 && approval.decision().is_some() => {
            Err(already(&approval))
        }
        Resolved::NotOffered(approval) => Err(not_offered(&approval)),
        Resolved::Repeated(_) | Resolved::Over(_) | Resolved::Unknown | Resolved::OtherKind => Err(unknown(call)),
    }
}

/// Somebody else was faster.
pub(crate) fn already(approval: &Approval) -> WireError {
    let error = WireError::invalid(detail::APPROVAL_ALREADY_RESOLVED, "approval already resolved")
        .with("reason", detail::APPROVAL_ALREADY_RESOLVED);
    match approval.decision() {
        Some(decision) => error.with("decision", decision.as_str()),
        None => error,
    }
}

/// That cannot be answered here.
pub(crate) fn not_offered(approval: &Approval) -> WireError {
    let allowed: Vec<&str> = approval.subject.allowed().iter().map(|decision| decision.as_str()).collect();
    let (code, text) = if approval.kind() == Kind::Exec {
        (detail::APPROVAL_ALLOW_ALWAYS_UNAVAILABLE, "allow-always is unavailable for this command")
    } else {
        (detail::APPROVAL_DECISION_UNAVAILABLE, "this decision is unavailable for this approval")
    };
    WireError::invalid(code, text).with("reason", code).with("allowedDecisions", allowed)
}

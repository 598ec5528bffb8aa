//! What the running gateway and its store say.

use crate::{Finding, Probe, Severity, View, catalogue::found};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    match &view.facts.probe {
        Some(Probe::Failed(why)) => findings.push(found("gateway.probe_failed", Severity::Warn, why)),
        Some(Probe::NoCredential) => findings.push(found(
            "gateway.probe_auth_secretref_unavailable",
            Severity::Warn,
            "gateway.auth names a secret that is not there in this environment.",
        )),
        Some(Probe::Answered) | None => {}
    }
    if let Some(place) = &view.facts.broken_chain {
        findings.push(found("audit_log.chain_broken", Severity::Critical, place));
    }
    if view.facts.passkeys == Some(0) && view.text("gateway.auth.passkeys.mode") == Some("required") {
        findings.push(found(
            "gateway.passkeys_required_none",
            Severity::Warn,
            "gateway.auth.passkeys.mode is required, and no passkey is registered. Until one is, the shared secret alone lets browsers in.",
        ));
    }
    for device in &view.facts.stale_devices {
        findings.push(found("device.stale_token", Severity::Info, format!("{device} did not connect for 90 days.")));
    }
}

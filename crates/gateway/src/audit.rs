//! Audit records of what the gateway does by itself.

use openclaw_core::record::AuditEvent;
use serde_json::Value;

/// A record of something that nobody asked for over a connection.
pub(crate) fn gateway_audit(event: &str, detail: Value) -> AuditEvent {
    AuditEvent {
        event: event.to_owned(),
        severity: "info".to_owned(),
        actor: "gateway".to_owned(),
        ip: None,
        method: None,
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail,
    }
}

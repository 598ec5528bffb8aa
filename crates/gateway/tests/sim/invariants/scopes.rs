//! Who may hear and do what, from the documentation: `docs/methods.md` for methods; for events what they tell of.

use std::collections::HashMap;

use super::Invariant;
use crate::history::{Entry, What};

/// The scope without which nobody hears this event; `None` when everybody may.
fn scope_of_event(name: &str) -> Option<Option<&'static str>> {
    Some(match name {
        "connect.challenge" | "tick" | "health" | "shutdown" => None,
        "device.pair.requested"
        | "device.pair.resolved"
        | "device.pair.setup.completed"
        | "node.pair.requested"
        | "node.pair.resolved" => Some("operator.pairing"),
        "exec.approval.requested"
        | "exec.approval.resolved"
        | "plugin.approval.requested"
        | "plugin.approval.resolved"
        | "session.approval" => Some("operator.approvals"),
        "question.requested" | "question.resolved" => Some("operator.questions"),
        "spawn_result" => Some("operator.admin"),
        "agent" | "agent.status" | "chat" | "config.changed" | "config.rejected" | "cron" | "gateways.changed"
        | "heartbeat" | "log" | "model.fallback" | "node.hostStats" | "node.presence" | "presence"
        | "session.message" | "sessions.changed" | "skills.changed" => Some("operator.read"),
        _ => return None,
    })
}

/// The scope of a method that is called on these days.
fn scope_of_method(method: &str) -> Option<&'static str> {
    Some(match method {
        "chat.inject" | "audit.records.list" => "operator.admin",
        "sessions.patch" | "sessions.abort" | "chat.send" => "operator.write",
        "sessions.subscribe"
        | "sessions.messages.subscribe"
        | "sessions.list"
        | "sessions.describe"
        | "chat.history" => "operator.read",
        "device.pair.list"
        | "device.pair.approve"
        | "device.pair.remove"
        | "device.token.revoke"
        | "device.token.rotate" => "operator.pairing",
        method if method.starts_with("exec.approval.") || method.starts_with("approval.") => "operator.approvals",
        _ => return None,
    })
}

#[derive(Default)]
pub(super) struct Scopes {
    granted: HashMap<u32, Vec<String>>,
    methods: HashMap<(u32, String), String>,
}

impl Scopes {
    fn has(&self, conn: u32, scope: &str) -> bool {
        let Some(granted) = self.granted.get(&conn) else { return false };
        granted
            .iter()
            .any(|one| one == scope || one == "operator.admin" || (scope == "operator.read" && one == "operator.write"))
    }
}

impl Invariant for Scopes {
    fn note(&mut self, _: usize, entry: &Entry) -> Result<(), String> {
        let conn = entry.conn;
        match &entry.what {
            What::Hello { scopes, .. } => {
                self.granted.insert(conn, scopes.clone());
            }
            What::Event { name, .. } => {
                let Some(scope) = scope_of_event(name) else {
                    return Err(format!("connection {conn} hears {name}, which the table of events does not know"));
                };
                if let Some(scope) = scope.filter(|scope| !self.has(conn, scope)) {
                    return Err(format!("connection {conn} hears {name} without {scope}"));
                }
            }
            What::Sent { id, method, .. } => {
                self.methods.insert((conn, id.clone()), method.clone());
            }
            What::Answer { id, ok: true, .. } => {
                let method = self.methods.get(&(conn, id.clone())).map(String::as_str);
                let scope = method.and_then(scope_of_method).filter(|scope| !self.has(conn, scope));
                if let (Some(method), Some(scope)) = (method, scope) {
                    return Err(format!("{method} is answered on connection {conn} without {scope}"));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

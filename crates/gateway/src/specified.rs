//! The methods that the specifications name. Hellos list each of them, even when its machinery comes later.

/// Specification 003's tables and specification 001, sorted.
pub(crate) const NAMES: [&str; 56] = [
    "agent",
    "agent.identity.get",
    "agent.wait",
    "agents.create",
    "agents.delete",
    "agents.files.get",
    "agents.files.list",
    "agents.files.set",
    "agents.list",
    "agents.update",
    "browser.request",
    "channels.logout",
    "channels.status",
    "chat.abort",
    "chat.history",
    "chat.send",
    "config.apply",
    "config.get",
    "config.patch",
    "config.schema",
    "config.set",
    "cron.add",
    "cron.list",
    "cron.remove",
    "cron.run",
    "cron.update",
    "exec.approval.request",
    "exec.approval.resolve",
    "exec.approvals.get",
    "exec.approvals.set",
    "health",
    "logs.tail",
    "models.list",
    "node.describe",
    "node.event",
    "node.invoke",
    "node.invoke.result",
    "node.list",
    "node.pair.approve",
    "node.pair.reject",
    "node.pair.request",
    "node.pair.verify",
    "ping",
    "send",
    "sessions.compact",
    "sessions.delete",
    "sessions.list",
    "sessions.patch",
    "sessions.preview",
    "sessions.reset",
    "skills.install",
    "skills.status",
    "spawn",
    "wake",
    "wizard.next",
    "wizard.start",
];

/// Whether a specification names this method.
pub(crate) const fn names(method: &str) -> bool {
    let mut at = 0;
    while at < NAMES.len() {
        if equal(NAMES[at].as_bytes(), method.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn equal(left: &[u8], right: &[u8]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut at = 0;
    while at < left.len() {
        if left[at] != right[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_stands_once_and_in_order() {
        assert!(NAMES.is_sorted_by(|left, right| left < right));
        assert!(names("agent") && names("wizard.start") && !names("agen") && !names("agents"));
    }
}

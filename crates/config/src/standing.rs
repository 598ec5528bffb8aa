//! Which keys do what they say today. A key that is in no table here is honoured.
//!
//! When a part arrives, its rows leave.

use serde_json::Value;

use crate::{Notice, NoticeKind, value};

/// Keys that restrict what does not exist yet. They load, are kept, and restrict it from its first day.
pub(crate) const LATER: &[(&str, &str)] = &[
    ("tools.profile", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.allow", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.alsoAllow", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.deny", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.exec.host", "kept; takes effect as soon as agents run commands"),
    ("tools.exec.timeoutSeconds", "kept; takes effect as soon as agents run commands"),
    ("tools.exec.safeBins", "kept; takes effect as soon as agents run commands"),
    ("tools.exec.node", "kept; takes effect as soon as agents run commands"),
    ("tools.elevated", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.byProvider", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.sandbox", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.subagents", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.agentToAgent", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.fs", "kept; restricts agents' tools as soon as agents have tools"),
    ("tools.web", "kept; restricts agents' tools as soon as agents have tools"),
    ("channels.*", "kept; takes effect as soon as the channel exists"),
    ("agents.defaults.sandbox", "kept; takes effect as soon as agents run commands"),
    ("agents.list[].sandbox", "kept; takes effect as soon as agents run commands"),
    ("agents.list[].tools", "kept; restricts the agent's tools as soon as it has tools"),
    ("agents.defaults.heartbeat.target", "kept; until channels exist, alerts are in the agent's main session"),
    ("agents.defaults.heartbeat.to", "kept; takes effect with channels"),
    ("agents.defaults.heartbeat.accountId", "kept; takes effect with channels"),
    ("agents.defaults.heartbeat.directPolicy", "kept; takes effect with channels"),
    ("agents.defaults.heartbeat.includeReasoning", "kept; takes effect with channels"),
    ("agents.defaults.heartbeat.lightContext", "kept; takes effect as soon as agents read their workspace"),
    ("agents.list[].heartbeat.target", "kept; until channels exist, alerts are in the agent's main session"),
    ("agents.list[].heartbeat.to", "kept; takes effect with channels"),
    ("agents.list[].heartbeat.accountId", "kept; takes effect with channels"),
    ("agents.list[].heartbeat.directPolicy", "kept; takes effect with channels"),
    ("agents.list[].heartbeat.includeReasoning", "kept; takes effect with channels"),
    ("agents.list[].heartbeat.lightContext", "kept; takes effect as soon as agents read their workspace"),
    ("agents.defaults.models", "kept as written"),
    ("security.sandboxing", "kept; takes effect as soon as agents run commands"),
    ("security.fileSystem", "kept; takes effect as soon as agents touch files"),
    ("skills.entries.*.apiKey", "counts for what the skill needs; handed to it as soon as agents use skills"),
    ("skills.entries.*.env", "counts for what the skill needs; handed to it as soon as agents use skills"),
    ("skills.entries.*.config", "kept; the skill's own, as soon as agents use skills"),
    ("session.dmScope", "kept; takes effect with channels"),
    ("session.identityLinks", "kept; takes effect with channels"),
];

/// Keys that are accepted and change nothing, because what they ask for holds anyway.
pub(crate) const INERT: &[(&str, &str)] =
    &[("logging.redactSensitive", "secrets are always masked, whatever this says")];

/// Reports the standing of every key in the canonical document.
pub(crate) fn check(document: &Value, notices: &mut Vec<Notice>) {
    for (table, kind) in [(LATER, NoticeKind::Later), (INERT, NoticeKind::Inert)] {
        for (pattern, text) in table {
            notices.extend(value::find(document, pattern).into_iter().map(|(path, _)| Notice::new(path, kind, *text)));
        }
    }
}

/// What the tables say about exactly this key, in the schema's notation, for the reference.
pub(crate) fn remark(path: &str) -> Option<String> {
    let names = |pattern: &str| path == pattern.replace(".*", ".<name>");
    LATER.iter().chain(INERT).find(|(pattern, _)| names(pattern)).map(|(_, text)| format!("Note: {text}."))
}

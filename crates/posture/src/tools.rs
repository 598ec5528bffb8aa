//! Which tools a scope can reach.

use serde_json::Value;

use crate::view::{Scope, View, at, texts};

/// Tools that run programs.
pub(crate) const RUNTIME: &[&str] = &["exec", "process", "bash"];
/// Tools that touch files.
pub(crate) const FILES: &[&str] = &["read", "write", "edit", "apply_patch"];
/// Tools that change files.
pub(crate) const WRITING: &[&str] = &["write", "edit", "apply_patch"];
/// Tools that change the gateway, or act through it at other times and places.
pub(crate) const CONTROL: &[&str] = &["gateway", "cron", "automations", "plugins", "nodes"];
/// Tools that a call over HTTP may not use.
pub(crate) const NOT_OVER_HTTP: &[&str] = &[
    "exec",
    "spawn",
    "shell",
    "fs_write",
    "fs_delete",
    "fs_move",
    "apply_patch",
    "terminal",
    "portal",
    "sessions_spawn",
    "sessions_send",
    "automations",
    "cron",
    "gateway",
    "plugins",
    "nodes",
    "computer",
    "mobile_ui",
    "openclaw",
];

/// Names that stand for several tools.
const GROUPS: &[(&str, &[&str])] = &[
    ("group:runtime", RUNTIME),
    ("group:fs", FILES),
    ("group:automation", &["cron", "automations", "gateway"]),
    ("group:nodes", &["nodes"]),
    ("group:ui", &["browser", "canvas"]),
    ("group:web", &["web_search", "web_fetch"]),
    ("group:sessions", &["sessions_list", "sessions_history", "sessions_send", "sessions_spawn", "session_status"]),
    ("group:memory", &["memory_search", "memory_get"]),
    ("group:messaging", &["message"]),
];

/// What a profile holds; `None` is everything.
fn profile(word: Option<&str>) -> Option<Vec<&'static str>> {
    let groups = |names: &[&str]| {
        GROUPS.iter().filter(|(name, _)| names.contains(name)).flat_map(|(_, tools)| tools.iter().copied()).collect()
    };
    match word {
        Some("minimal") => Some(vec!["session_status"]),
        Some("messaging") => {
            Some(vec!["message", "sessions_list", "sessions_history", "sessions_send", "session_status"])
        }
        Some("coding") => Some(groups(&["group:fs", "group:runtime", "group:web", "group:sessions", "group:memory"])),
        _ => None,
    }
}

fn names(list: &[String], tool: &str) -> bool {
    list.iter().map(|entry| entry.trim()).any(|entry| {
        entry.eq_ignore_ascii_case(tool)
            || matches!(entry, "*" | "group:openclaw")
            || GROUPS.iter().any(|(name, tools)| *name == entry && tools.contains(&tool))
    })
}

/// Whether a scope can reach a tool, as far as the lists and profiles say.
pub(crate) fn reaches(view: &View<'_>, scope: &Scope<'_>, tool: &str) -> bool {
    let own = |key: &str| at(scope.own, &format!("tools.{key}"));
    let list = |value: Option<&Value>| value.map(texts).unwrap_or_default();
    let denied = [list(own("deny")), view.list("tools.deny")].concat();
    if names(&denied, tool) {
        return false;
    }
    let word = own("profile").and_then(Value::as_str).or_else(|| view.text("tools.profile"));
    let added = [list(own("alsoAllow")), view.list("tools.alsoAllow")].concat();
    let in_profile = profile(word).is_none_or(|tools| tools.contains(&tool)) || names(&added, tool);
    let allowed = [list(own("allow")), view.list("tools.allow")];
    in_profile && allowed.iter().all(|allowed| allowed.is_empty() || names(allowed, tool) || names(&added, tool))
}

//! What strangers can reach, and how many people share an agent.

use serde_json::Value;

use super::listed;
use crate::{
    Finding, Severity, View,
    catalogue::found,
    tools::{CONTROL, FILES, RUNTIME, reaches},
    view::{Exec, Scope, at},
};

/// Agents that have more than the common profile says.
pub(super) fn profile(view: &View<'_>, findings: &mut Vec<Finding>) {
    if view.text("tools.profile") != Some("minimal") {
        return;
    }
    let wider: Vec<String> = view
        .scopes()
        .iter()
        .filter_map(|scope| {
            let word = at(scope.own, "tools.profile").and_then(Value::as_str)?;
            (word != "minimal").then(|| format!("{}.tools.profile is {word}", scope.path))
        })
        .collect();
    if !wider.is_empty() {
        findings.push(found(
            "tools.profile_minimal_overridden",
            Severity::Warn,
            listed("tools.profile is minimal, but:", &wider),
        ));
    }
}

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let open = view.open_policies();
    if open.is_empty() {
        return;
    }
    if view.is_on("tools.elevated.enabled") {
        findings.push(found(
            "security.exposure.open_groups_with_elevated",
            Severity::Critical,
            listed("tools.elevated is on, and these policies let strangers in:", &open),
        ));
    }
    let scopes = view.scopes();
    let (runs, touches): (Vec<_>, Vec<_>) =
        scopes.iter().filter_map(|scope| reach(view, scope)).partition(|(kind, _)| *kind == Reach::Runtime);
    let line = |(_, line): (Reach, String)| line;
    if !runs.is_empty() || !touches.is_empty() {
        let severity = if runs.is_empty() { Severity::Warn } else { Severity::Critical };
        let lines: Vec<String> = runs.into_iter().chain(touches).map(line).collect();
        findings.push(found(
            "security.exposure.open_groups_with_runtime_or_fs",
            severity,
            listed(&format!("{} let strangers in, to:", open.join(", ")), &lines),
        ));
    }
    let control: Vec<String> = scopes
        .iter()
        .filter_map(|scope| {
            let tools: Vec<&str> = CONTROL.iter().copied().filter(|tool| reaches(view, scope, tool)).collect();
            (!tools.is_empty()).then(|| format!("{}: {}", scope.id, tools.join(", ")))
        })
        .collect();
    if !control.is_empty() {
        findings.push(found(
            "security.exposure.open_groups_with_control_plane_tools",
            Severity::Critical,
            listed(&format!("{} let strangers in, to:", open.join(", ")), &control),
        ));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Runtime,
    Files,
}

/// What a scope can do to the host.
fn reach(view: &View<'_>, scope: &Scope<'_>) -> Option<(Reach, String)> {
    if view.sandbox_mode(scope) == "all" {
        return None;
    }
    let tools = |all: &[&str]| -> Vec<String> {
        all.iter().filter(|tool| reaches(view, scope, tool)).map(|tool| (*tool).to_owned()).collect()
    };
    let runtime = if view.exec_policy(scope) == Exec::Denied { Vec::new() } else { tools(RUNTIME) };
    if !runtime.is_empty() {
        return Some((
            Reach::Runtime,
            format!("{}: {} (sandbox {})", scope.id, runtime.join(", "), view.sandbox_mode(scope)),
        ));
    }
    let kept =
        view.is_on("tools.fs.workspaceOnly") || at(scope.own, "tools.fs.workspaceOnly") == Some(&Value::Bool(true));
    let files = tools(FILES);
    (!files.is_empty() && !kept)
        .then(|| (Reach::Files, format!("{}: {} anywhere on the host", scope.id, files.join(", "))))
}

/// How many people share an agent.
pub(super) fn people(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut signs = Vec::new();
    for account in view.accounts() {
        for key in ["dmPolicy", "groupPolicy"] {
            if account.policy(key) == Some("open") {
                signs.push(format!("{}.{key} is open", account.path));
            }
        }
        let listed = account.value("groups").and_then(Value::as_object).map_or(0, serde_json::Map::len);
        if account.policy("groupPolicy") == Some("allowlist") && listed > 0 {
            signs.push(format!("{}.groups lists {listed}", account.path));
        }
        for key in ["allowFrom", "groupAllowFrom"] {
            if account.list(key).iter().any(|sender| sender.trim() == "*") {
                signs.push(format!("{}.{key} holds *", account.path));
            }
        }
    }
    if !signs.is_empty() {
        findings.push(found(
            "security.trust_model.multi_user_heuristic",
            Severity::Warn,
            listed("Signs of several people:", &signs),
        ));
    }
    if view.text("session.groupScope") == Some("main") {
        findings.push(found("security.trust_model.group_scope_main", Severity::Warn, "session.groupScope is main."));
    }
    let agents = view.get("agents.list").and_then(Value::as_array).map_or(0, Vec::len);
    let unrestricted =
        view.text("tools.sessions.visibility") == Some("all") && view.list("tools.agentToAgent.allow").is_empty();
    if agents >= 2 && unrestricted {
        let severity = if signs.is_empty() { Severity::Info } else { Severity::Warn };
        findings.push(found(
            "security.trust_model.cross_agent_session_access_default",
            severity,
            format!("{agents} agents, and tools.sessions.visibility is all."),
        ));
    }
}

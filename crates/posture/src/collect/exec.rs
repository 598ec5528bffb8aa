//! Which commands run, and where.

use serde_json::Value;

use super::listed;
use crate::{
    Finding, Severity, View,
    catalogue::found,
    tools::{WRITING, reaches},
    view::{Exec, Scope, at, texts},
};

/// Programs that run whatever text they are given.
const INTERPRETERS: &[&str] = &[
    "ash",
    "bash",
    "bun",
    "cmd",
    "csh",
    "dash",
    "deno",
    "fish",
    "ksh",
    "lua",
    "node",
    "nodejs",
    "osascript",
    "perl",
    "php",
    "powershell",
    "pwsh",
    "python",
    "python2",
    "python3",
    "r",
    "rscript",
    "ruby",
    "sh",
    "tclsh",
    "zsh",
];
/// Filters that can also write, run or read elsewhere.
const BROAD: &[&str] = &["awk", "find", "gawk", "jq", "mawk", "nawk", "sed", "tar", "xargs"];

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let scopes = view.scopes();
    placement(view, &scopes, findings);
    let open: Vec<String> = view.open_policies();
    let policy = |scope: &&Scope<'_>, wanted: Exec| view.exec_policy(scope) >= wanted;
    let named = |wanted: Exec| -> Vec<String> {
        scopes.iter().filter(|scope| policy(scope, wanted)).map(|scope| scope.id.to_owned()).collect()
    };
    let (full, some) = (named(Exec::Everything), named(Exec::Some));
    if !full.is_empty() {
        let severity = if open.is_empty() { Severity::Warn } else { Severity::Critical };
        findings.push(found(
            "tools.exec.security_full_configured",
            severity,
            format!("Every command runs for: {}.", full.join(", ")),
        ));
    }
    if !open.is_empty() && !some.is_empty() {
        let severity = if full.is_empty() { Severity::Warn } else { Severity::Critical };
        let sentence = format!("Commands run for {}, and these policies let strangers in:", some.join(", "));
        findings.push(found("security.exposure.open_channels_with_exec", severity, listed(&sentence, &open)));
    }
    writing(view, &scopes, findings);
    approvals(view, findings);
    safe_bins(view, &scopes, findings);
    let pairs: Vec<String> = [("tools.exec".to_owned(), view.get("tools.exec"))]
        .into_iter()
        .chain(scopes.iter().map(|scope| (format!("{}.tools.exec", scope.path), at(scope.own, "tools.exec"))))
        .filter(|(_, exec)| exec.is_some_and(|exec| exec.get("security").is_some() || exec.get("ask").is_some()))
        .map(|(path, _)| path)
        .collect();
    if !pairs.is_empty() {
        findings.push(found(
            "exec.legacy_policy_pair",
            Severity::Info,
            listed("security or ask is written in:", &pairs),
        ));
    }
}

fn placement(view: &View<'_>, scopes: &[Scope<'_>], findings: &mut Vec<Finding>) {
    let boxed = |scope: &Scope<'_>| view.sandbox_mode(scope) != "off";
    let (agents, defaults): (Vec<_>, Vec<_>) = scopes.iter().partition(|scope| scope.id != "defaults");
    if view.text("tools.exec.host") == Some("sandbox") && defaults.iter().all(|scope| !boxed(scope)) {
        findings.push(found(
            "tools.exec.host_sandbox_no_sandbox_defaults",
            Severity::Warn,
            "tools.exec.host is sandbox, and agents.defaults.sandbox.mode is off: every command is refused.",
        ));
    }
    let without: Vec<String> = agents
        .iter()
        .filter(|scope| at(scope.own, "tools.exec.host").and_then(Value::as_str) == Some("sandbox") && !boxed(scope))
        .map(|scope| scope.path.clone())
        .collect();
    if !without.is_empty() {
        findings.push(found(
            "tools.exec.host_sandbox_no_sandbox_agents",
            Severity::Warn,
            listed("Every command is refused for:", &without),
        ));
    }
}

fn writing(view: &View<'_>, scopes: &[Scope<'_>], findings: &mut Vec<Finding>) {
    let denies = |list: Vec<String>| {
        list.iter().any(|name| name == "group:fs") || WRITING.iter().all(|tool| list.iter().any(|name| name == tool))
    };
    let unaware: Vec<String> = scopes
        .iter()
        .filter(|scope| {
            let own = at(scope.own, "tools.deny").map(texts).unwrap_or_default();
            let access = at(scope.own, "sandbox.workspaceAccess")
                .and_then(Value::as_str)
                .or_else(|| view.text("agents.defaults.sandbox.workspaceAccess"))
                .unwrap_or("none");
            let boxed = view.sandbox_mode(scope) == "all" && access != "rw";
            denies([own, view.list("tools.deny")].concat())
                && reaches(view, scope, "exec")
                && view.exec_policy(scope) != Exec::Denied
                && !boxed
        })
        .map(|scope| scope.id.to_owned())
        .collect();
    if !unaware.is_empty() {
        findings.push(found(
            "tools.exec.fs_tools_disabled_but_exec_enabled",
            Severity::Warn,
            format!("A shell writes files, too. This holds for: {}.", unaware.join(", ")),
        ));
    }
}

fn approvals(view: &View<'_>, findings: &mut Vec<Finding>) {
    let Some(policy) = &view.facts.command_policy else { return };
    let agents = policy.get("agents").and_then(Value::as_object);
    let parts = policy.get("defaults").map(|part| ("defaults".to_owned(), part)).into_iter();
    let parts: Vec<_> =
        parts.chain(agents.into_iter().flatten().map(|(id, part)| (format!("agents.{id}"), part))).collect();
    let automatic: Vec<String> = parts
        .iter()
        .filter(|(_, part)| part.get("autoAllowSkills") == Some(&Value::Bool(true)))
        .map(|(path, _)| path.clone())
        .collect();
    if !automatic.is_empty() {
        findings.push(found(
            "tools.exec.auto_allow_skills_enabled",
            Severity::Warn,
            listed("autoAllowSkills is true in exec-approvals.json at:", &automatic),
        ));
    }
    if view.is_on("tools.exec.strictInlineEval") {
        return;
    }
    let mut interpreters = Vec::new();
    for (path, part) in &parts {
        for entry in part.get("allowlist").and_then(Value::as_array).into_iter().flatten() {
            let pattern = entry.get("pattern").and_then(Value::as_str).or_else(|| entry.as_str()).unwrap_or_default();
            if INTERPRETERS.contains(&program(pattern).as_str()) {
                interpreters.push(format!("{path}: {pattern}"));
            }
        }
    }
    if !interpreters.is_empty() {
        findings.push(found(
            "tools.exec.allowlist_interpreter_without_strict_inline_eval",
            Severity::Warn,
            listed("tools.exec.strictInlineEval is off, and these are allowed in exec-approvals.json:", &interpreters),
        ));
    }
}

/// The name of a program in a path or a pattern.
fn program(pattern: &str) -> String {
    let first = pattern.split_whitespace().next().unwrap_or_default();
    let name = first.rsplit(['/', '\\']).next().unwrap_or(first).to_lowercase();
    name.trim_end_matches('*').trim_end_matches(".exe").to_owned()
}

fn safe_bins(view: &View<'_>, scopes: &[Scope<'_>], findings: &mut Vec<Finding>) {
    let (mut unprofiled, mut broad, mut risky) = (Vec::new(), Vec::new(), Vec::new());
    let parts = [("tools.exec".to_owned(), view.get("tools.exec"))].into_iter();
    let parts =
        parts.chain(scopes.iter().map(|scope| (format!("{}.tools.exec", scope.path), at(scope.own, "tools.exec"))));
    for (path, exec) in parts {
        let Some(exec) = exec else { continue };
        let profiles = exec.get("safeBinProfiles");
        for bin in exec.get("safeBins").map(texts).unwrap_or_default() {
            let name = program(&bin);
            if profiles.is_some_and(|profiles| profiles.get(&bin).is_some()) {
                continue;
            }
            if INTERPRETERS.contains(&name.as_str()) {
                unprofiled.push(format!("{path}.safeBins: {bin}"));
            } else if BROAD.contains(&name.as_str()) {
                broad.push(format!("{path}.safeBins: {bin}"));
            }
        }
        for folder in exec.get("safeBinTrustedDirs").map(texts).unwrap_or_default() {
            if is_risky(view, &folder) {
                risky.push(format!("{path}.safeBinTrustedDirs: {folder}"));
            }
        }
    }
    let all = [
        ("tools.exec.safe_bins_interpreter_unprofiled", "They run any code:", unprofiled),
        ("tools.exec.safe_bins_broad_behavior", "They can write files, run programs or read elsewhere:", broad),
        ("tools.exec.safe_bin_trusted_dirs_risky", "Others than the administrator may put programs there:", risky),
    ];
    for (id, sentence, lines) in all {
        if !lines.is_empty() {
            findings.push(found(id, Severity::Warn, listed(sentence, &lines)));
        }
    }
}

/// Whether others than the system's administrator can put programs into a folder.
fn is_risky(view: &View<'_>, folder: &str) -> bool {
    let under = |root: &str| folder == root || folder.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
    !folder.starts_with('/')
        || ["/tmp", "/var/tmp", "/private/tmp", "/dev/shm", "/usr/local/bin", "/opt/homebrew/bin", "/home", "/Users"]
            .iter()
            .any(|root| under(root))
        || view.facts.home.as_deref().is_some_and(under)
}

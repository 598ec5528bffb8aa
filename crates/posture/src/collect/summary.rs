//! What can be attacked, on one screen.

use crate::{Finding, Severity, View, catalogue::found, view::Exec};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let accounts = view.accounts();
    let count = |key: &str, word: &str| accounts.iter().filter(|account| account.policy(key) == Some(word)).count();
    let on = |is: bool| if is { "on" } else { "off" };
    let scopes = view.scopes();
    let exec = scopes.iter().map(|scope| view.exec_policy(scope)).max().unwrap_or(Exec::Unwritten);
    let exec = match exec {
        Exec::Denied => "denied",
        Exec::Unwritten => "people are asked",
        Exec::Some => "some without asking, or asked",
        Exec::Everything => "everything",
    };
    let boxed = scopes.iter().filter(|scope| view.sandbox_mode(scope) != "off").count();
    let lines = [
        format!("groups: {} open, {} listed", count("groupPolicy", "open"), count("groupPolicy", "allowlist")),
        format!("direct messages: {} open", count("dmPolicy", "open")),
        format!("commands: {exec}"),
        format!("elevated tools: {}", on(view.is_on("tools.elevated.enabled"))),
        format!("sandbox: {boxed} of {} scopes", scopes.len()),
        format!("hooks: {}", on(view.is_on("hooks.enabled"))),
        format!("programs that clients may start: {}", view.list("spawn.allow").len()),
        "circle of trust: one operator for each gateway; whoever speaks to an agent shares its rights".to_owned(),
    ];
    findings.push(found("summary.attack_surface", Severity::Info, lines.join("\n")));
}

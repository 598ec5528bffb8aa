//! What nodes may offer.

use super::{gateway::exposed, listed};
use crate::{Finding, Severity, View, catalogue::found};

/// Commands that watch their owner, or act in the owner's name.
const DANGEROUS: &[&str] = &[
    "calendar.add",
    "camera.clip",
    "camera.ptz.control",
    "camera.snap",
    "computer.act",
    "contacts.add",
    "health.summary",
    "reminders.add",
    "screen.record",
    "sms.search",
    "sms.send",
];
/// Commands that exist beside those (PROTOCOL §8).
const KNOWN: &[&str] = &[
    "browser.proxy",
    "calendar.events",
    "callLog.search",
    "camera.list",
    "canvas.a2ui.push",
    "canvas.a2ui.pushJSONL",
    "canvas.a2ui.reset",
    "canvas.eval",
    "canvas.hide",
    "canvas.navigate",
    "canvas.present",
    "canvas.snapshot",
    "contacts.search",
    "desktop.stream",
    "device.apps",
    "device.health",
    "device.info",
    "device.permissions",
    "device.status",
    "fs.listDir",
    "location.get",
    "mcp.tools.call.v1",
    "mobile.ui.act",
    "mobile.ui.observe",
    "motion.activity",
    "motion.pedometer",
    "notifications.actions",
    "notifications.list",
    "photos.latest",
    "reminders.list",
    "screen.snapshot",
    "system.execApprovals.get",
    "system.execApprovals.set",
    "system.notify",
    "system.run",
    "system.run.prepare",
    "system.which",
    "terminal.upload",
    "watch.notify",
    "watch.status",
];

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let list = |one: &str, other: &str| [view.list(one), view.list(other)].concat();
    let allow = list("gateway.nodes.allowCommands", "gateway.nodes.commands.allow");
    let deny = list("gateway.nodes.denyCommands", "gateway.nodes.commands.deny");
    let known = |name: &str| DANGEROUS.contains(&name) || KNOWN.contains(&name) || allow.iter().any(|one| one == name);
    let vain: Vec<String> = deny.iter().filter(|name| !known(name.trim())).map(|name| explained(name)).collect();
    if !vain.is_empty() {
        findings.push(found(
            "gateway.nodes.deny_commands_ineffective",
            Severity::Warn,
            listed("Commands are compared by their exact names:", &vain),
        ));
    }
    let dangerous: Vec<String> = allow
        .into_iter()
        .filter(|name| DANGEROUS.contains(&name.trim()) && !deny.iter().any(|denied| denied.trim() == name.trim()))
        .collect();
    if !dangerous.is_empty() {
        findings.push(found(
            "gateway.nodes.allow_commands_dangerous",
            exposed(view),
            format!("Allowed for every node: {}.", dangerous.join(", ")),
        ));
    }
}

fn explained(name: &str) -> String {
    let nearest = KNOWN.iter().chain(DANGEROUS).map(|known| (distance(name, known), *known)).min();
    match nearest {
        _ if name.contains(['*', '?', '[', ' ']) => format!("{name} looks like a pattern"),
        Some((1..=3, known)) => format!("{name} is unknown; did you mean {known}?"),
        _ => format!("{name} is unknown"),
    }
}

/// How many letters must be changed, added or left out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().take(128).enumerate() {
        let mut diagonal = row[0];
        row[0] = at + 1;
        for (column, against) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

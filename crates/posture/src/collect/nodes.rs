//! What nodes may offer.

use openclaw_core::node_commands::{self, DANGEROUS};

use super::{gateway::exposed, listed};
use crate::{Finding, Severity, View, catalogue::found};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let list = |one: &str, other: &str| [view.list(one), view.list(other)].concat();
    let allow = list("gateway.nodes.allowCommands", "gateway.nodes.commands.allow");
    let deny = list("gateway.nodes.denyCommands", "gateway.nodes.commands.deny");
    let known = |name: &str| node_commands::all().any(|known| known == name) || allow.iter().any(|one| one == name);
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
    let nearest = node_commands::all().map(|known| (strsim::levenshtein(name, known), known)).min();
    match nearest {
        _ if name.contains(['*', '?', '[', ' ']) => format!("{name} looks like a pattern"),
        Some((1..=3, known)) => format!("{name} is unknown; did you mean {known}?"),
        _ => format!("{name} is unknown"),
    }
}

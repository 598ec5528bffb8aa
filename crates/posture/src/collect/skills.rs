//! What skills bring along.

use super::listed;
use crate::{Finding, Severity, View, catalogue::found};

/// Where skills lie.
pub(super) fn links(view: &View<'_>, findings: &mut Vec<Finding>) {
    let skills = &view.facts.skills;
    if !skills.escapes.is_empty() {
        findings.push(found(
            "skills.workspace.symlink_escape",
            Severity::Warn,
            listed("They are found in a workspace and lie elsewhere:", &skills.escapes),
        ));
    }
    if skills.truncated {
        findings.push(found(
            "skills.workspace.scan_truncated",
            Severity::Warn,
            "There are more than 2000 files in the skills folders.",
        ));
    }
}

/// What skills say.
pub(super) fn code(view: &View<'_>, findings: &mut Vec<Finding>) {
    let skills = &view.facts.skills;
    let mut files: Vec<&str> = skills.code.iter().map(|fact| fact.file.as_str()).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let facts: Vec<_> = skills.code.iter().filter(|fact| fact.file == file).collect();
        let severity = facts.iter().map(|fact| fact.severity).max().unwrap_or(Severity::Warn);
        let lines: Vec<String> =
            facts.iter().map(|fact| format!("line {}: {} ({})", fact.line, fact.message, fact.rule)).collect();
        findings.push(found("skills.code_safety", severity, listed(file, &lines)));
    }
    if !skills.unreadable.is_empty() {
        findings.push(found(
            "skills.code_safety.scan_failed",
            Severity::Warn,
            listed("Not read whole:", &skills.unreadable),
        ));
    }
}

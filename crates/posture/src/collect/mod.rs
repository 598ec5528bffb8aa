//! The collectors, one file for each subject, in the order of the reference.

mod channels;
mod deep;
mod elevated;
mod exec;
mod exposure;
mod files;
mod flags;
mod gateway;
mod hooks;
mod http;
mod nodes;
mod sandbox;
mod secrets;
mod skills;
mod summary;

use crate::{Finding, View};

/// A collector.
type Collect = fn(&View<'_>, &mut Vec<Finding>);

const ORDER: &[Collect] = &[
    summary::collect,
    files::synced,
    gateway::collect,
    flags::collect,
    gateway::attempts,
    gateway::proxy,
    elevated::collect,
    exec::collect,
    hooks::collect,
    http::collect,
    sandbox::collect,
    nodes::collect,
    exposure::profile,
    secrets::collect,
    exposure::collect,
    exposure::people,
    files::collect,
    skills::links,
    skills::code,
    channels::collect,
    deep::collect,
];

/// Everything that is found.
pub(crate) fn all(view: &View<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for collect in ORDER {
        collect(view, &mut findings);
    }
    findings
}

/// Lines of a list under a sentence.
fn listed(sentence: &str, lines: &[String]) -> String {
    const MOST: usize = 20;
    let mut text = sentence.to_owned();
    for line in lines.iter().take(MOST) {
        text.push_str("\n- ");
        text.push_str(line);
    }
    if lines.len() > MOST {
        text.push_str(&format!("\n- and {} more", lines.len() - MOST));
    }
    text
}

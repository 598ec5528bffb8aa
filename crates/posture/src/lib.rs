//! How safely a gateway is set up: findings from a configuration and from facts that somebody looked up.
//!
//! [`audit`] is a pure function. It reads the configuration as a value, not as types, so that it can also judge what the
//! gateway would refuse to start with, and it changes with what is known about attacks, not with the configuration's model.
//! Looking things up and mending them is the caller's work; [`permissions`] says what to look at, and [`code`] reads the
//! text of skills.

mod catalogue;
pub mod code;
mod collect;
mod exposure;
mod facts;
pub mod permissions;
mod report;
mod suppress;
mod tools;
mod view;

pub use catalogue::{CATALOGUE, Check, Origin, check};
pub use exposure::{Control, Pattern, pattern};
pub use facts::{CodeFact, Facts, FileFact, FileKind, Probe, SkillFacts};
pub use report::{Finding, Report, Severity, Summary, Suppressed};
pub use view::{Reachable, View};

use serde_json::Value;

/// Judges a configuration and the facts around it.
///
/// `written` is the document as it stands in the file, `resolved` the same with canonical names and with variables filled
/// in. Nothing secret becomes part of the report. Findings come in the order in which the reference collects them.
#[must_use]
pub fn audit(written: &Value, resolved: &Value, facts: &Facts) -> Report {
    let view = View::new(written, resolved, facts);
    let findings = collect::all(&view);
    suppress::apply(&view, findings)
}

//! Every check by its id: what it is called, and what helps.

mod agents;
mod around;

use crate::{Finding, Severity};

/// Where a check comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The reference has it under this id.
    Reference,
    /// The reference has it in its doctor only, or in an older version.
    Elsewhere,
    /// Ours alone.
    Ours,
}

/// A check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Its id; `*` stands for the id of a channel.
    pub id: &'static str,
    /// Where it comes from.
    pub origin: Origin,
    /// What it finds, in one line.
    pub title: &'static str,
    /// What helps. Empty when there is nothing to do.
    pub remedy: &'static str,
}

/// Declares rows of the catalogue.
macro_rules! checks {
    ($($id:literal $origin:ident: $title:literal, $remedy:literal;)*) => {
        &[$(Check { id: $id, origin: Origin::$origin, title: $title, remedy: $remedy }),*]
    };
}
pub(crate) use checks;

/// All checks, by their subjects.
pub const CATALOGUE: &[&[Check]] = &[
    around::FILES,
    around::GATEWAY,
    around::HOOKS,
    around::NODES,
    agents::EXEC,
    agents::ISOLATION,
    agents::EXPOSURE,
    agents::CHANNELS,
    agents::SKILLS,
];

/// The check of an id, which may name a channel where the check has a `*`.
#[must_use]
pub fn check(id: &str) -> Option<&'static Check> {
    let all = || CATALOGUE.iter().copied().flatten();
    all().find(|check| check.id == id).or_else(|| all().find(|check| matches(check.id, id)))
}

fn matches(pattern: &str, id: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else { return false };
    id.len() > before.len() + after.len() && id.starts_with(before) && id.ends_with(after)
}

/// A finding of a check.
pub(crate) fn found(id: &str, severity: Severity, detail: impl Into<String>) -> Finding {
    let check = check(id);
    debug_assert!(check.is_some(), "no check is called {id}");
    Finding {
        check_id: id.to_owned(),
        severity,
        title: check.map_or_else(|| id.to_owned(), |check| check.title.to_owned()),
        detail: detail.into(),
        remediation: check.map(|check| check.remedy).filter(|remedy| !remedy.is_empty()).map(str::to_owned),
    }
}

/// A finding of a check about one channel.
pub(crate) fn found_on(pattern: &str, channel: &str, severity: Severity, detail: impl Into<String>) -> Finding {
    found(&pattern.replacen('*', channel, 1), severity, detail)
}

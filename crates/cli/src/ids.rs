//! Identifiers as people write and read them: the first characters are enough while they stand for one thing.

use crate::failure::{Exit, Failure};

/// Least characters of an identifier that are shown.
const LEAST: usize = 8;
/// Most candidates that an error lists.
const LISTED: usize = 10;

/// Something that a prefix may stand for.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// Its identifier.
    pub(crate) id: String,
    /// A name by which people know it; empty when it has none.
    pub(crate) name: String,
}

impl Candidate {
    pub(crate) fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}

/// The one whose identifier is `prefix`, or alone begins with it. `what` names one of them, `list` the command that shows
/// them.
pub(crate) fn unique<'a>(
    candidates: &'a [Candidate],
    prefix: &str,
    what: &str,
    list: &str,
) -> Result<&'a Candidate, Failure> {
    if let Some(exact) = candidates.iter().find(|candidate| candidate.id == prefix) {
        return Ok(exact);
    }
    let found: Vec<&Candidate> =
        candidates.iter().filter(|candidate| !prefix.is_empty() && candidate.id.starts_with(prefix)).collect();
    one(&found, prefix, what, list)
}

/// The only one of those that `prefix` may stand for.
pub(crate) fn one<'a>(found: &[&'a Candidate], prefix: &str, what: &str, list: &str) -> Result<&'a Candidate, Failure> {
    match found {
        [one] => Ok(one),
        [] => Err(Failure::new(Exit::Failed, "NOT_FOUND", format!("no {what} begins with \"{prefix}\""))
            .helped(format!("see them with: {list}"))),
        many => Err(ambiguous(prefix, what, many)),
    }
}

fn ambiguous(prefix: &str, what: &str, many: &[&Candidate]) -> Failure {
    let mut cause = format!("\"{prefix}\" begins the name of more than one {what}:");
    for candidate in many.iter().take(LISTED) {
        cause.push_str(&format!("\n  {}", candidate.id));
        if !candidate.name.is_empty() {
            cause.push_str(&format!("  {}", candidate.name));
        }
    }
    if many.len() > LISTED {
        cause.push_str(&format!("\n  and {} more", many.len() - LISTED));
    }
    let mut failure = Failure::new(Exit::Usage, "AMBIGUOUS", cause).helped("give more of its first characters");
    failure.candidates = many.iter().map(|candidate| candidate.id.clone()).collect();
    failure
}

/// How many first characters tell these identifiers apart, eight at least.
pub(crate) fn length<'a>(ids: impl IntoIterator<Item = &'a str>) -> usize {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let common = |pair: &[&str]| pair[0].chars().zip(pair[1].chars()).take_while(|(one, other)| one == other).count();
    ids.windows(2).map(|pair| common(pair) + 1).max().unwrap_or(0).max(LEAST)
}

/// The first characters of an identifier.
pub(crate) fn short(id: &str, length: usize) -> &str {
    id.char_indices().nth(length).map_or(id, |(end, _)| &id[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(ids: &[&str]) -> Vec<Candidate> {
        ids.iter().map(|id| Candidate::new(*id, "")).collect()
    }

    #[test]
    fn a_prefix_must_be_unique() {
        let known = candidates(&["abc", "abd", "ab", "xyz"]);
        let pick = |prefix| unique(&known, prefix, "device", "openclaw devices").map(|found| found.id.clone());
        assert_eq!(pick("ab").unwrap(), "ab", "the whole identifier wins");
        assert_eq!(pick("abd").unwrap(), "abd");
        assert_eq!(pick("x").unwrap(), "xyz");
        let many = pick("a").unwrap_err();
        assert_eq!((many.exit, many.candidates.len()), (Exit::Usage, 3));
        for nothing in ["q", ""] {
            assert_eq!(pick(nothing).unwrap_err().exit, Exit::Failed);
        }
    }

    #[test]
    fn enough_is_shown_to_tell_them_apart() {
        assert_eq!(length([]), 8);
        assert_eq!(length(["aaaaaaaaaaaa", "b"]), 8);
        assert_eq!(length(["aaaaaaaaaaaab", "aaaaaaaaaaaac", "b"]), 13);
        assert_eq!((short("abc", 2), short("äöü", 2), short("a", 2)), ("ab", "äö", "a"));
    }
}

//! The tables of `docs/spec-coverage.md`, `docs/threats.md` and `ARCHITECTURE.md` cannot rot: each test that they name is there, each
//! row of the mission and of the threats names one or says "later", and no threat is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::workspace::Workspace;

/// The pages that name tests, relative to the root.
const PAGES: [&str; 3] = ["docs/spec-coverage.md", THREATS, "ARCHITECTURE.md"];
/// The page about threats and advisories.
const THREATS: &str = "docs/threats.md";
/// Its rows: what their names begin with, and the last number.
const ROWS: [(&str, usize); 2] = [("T", 93), ("A-", 50)];
/// What a row says that has no test yet.
const LATER: &str = "later";
/// Endings of files that hold tests.
const TESTS: [&str; 3] = [".rs", ".mjs", ".ts"];

/// What is wrong with the pages, a line each.
///
/// # Errors
/// When a page, or a source that it names, cannot be read.
pub(crate) fn complaints(workspace: &Workspace) -> Result<Vec<String>> {
    let known: BTreeSet<PathBuf> = workspace.sources(&TESTS)?.into_iter().collect();
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut complaints = Vec::new();
    for page in PAGES {
        let text = workspace.text(Path::new(page))?;
        for name in text.lines().flat_map(names) {
            let file = PathBuf::from(name.file);
            if known.contains(&file) && !texts.contains_key(&file) {
                let source = workspace.text(&file)?;
                texts.insert(file, source);
            }
        }
        complaints.extend(judge(page, &text, &|file| texts.get(Path::new(file)).map(String::as_str)));
        if page == THREATS {
            complaints.extend(left_out(page, &text));
        }
    }
    Ok(complaints)
}

/// A test as a page names it: `file::test` in backticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name<'a> {
    file: &'a str,
    test: &'a str,
}

/// Judges each line of a page, given the text of each file that holds tests.
fn judge<'a>(page: &str, text: &str, source: &dyn Fn(&str) -> Option<&'a str>) -> Vec<String> {
    let mut complaints = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let mut complain = |what: String| complaints.push(format!("{page}:{}: {what}", index + 1));
        let named = names(line);
        for Name { file, test } in &named {
            match source(file) {
                None => complain(format!("there is no {file}")),
                Some(held) if !holds(held, file, test) => complain(format!("{file} holds no test \"{test}\"")),
                Some(_) => {}
            }
        }
        if named.is_empty() && is_row(line) && !line.contains(LATER) {
            complain(format!("name a test as `file::test`, or say \"{LATER}\""));
        }
    }
    complaints
}

/// The rows of threats that the page does not have.
fn left_out(page: &str, text: &str) -> Vec<String> {
    let names = ROWS.iter().flat_map(|(letter, last)| (1..=*last).map(move |number| format!("{letter}{number:02}")));
    let missing = names.filter(|name| !text.lines().any(|line| line.starts_with(&format!("| {name} |"))));
    missing.map(|name| format!("{page}: there is no row {name}")).collect()
}

/// The tests that a line names.
fn names(line: &str) -> Vec<Name<'_>> {
    let spans = line.split('`').skip(1).step_by(2);
    let named = spans.filter_map(|span| span.split_once("::"));
    named
        .filter(|(file, _)| TESTS.iter().any(|end| file.ends_with(end)))
        .map(|(file, test)| Name { file, test })
        .collect()
}

/// Whether a line is a row of the mission or of the threats, such as `| W1 | …` or `| A-01 | …`.
fn is_row(line: &str) -> bool {
    let Some(first) = line.strip_prefix("| ").and_then(|rest| rest.split(' ').next()) else { return false };
    let (letter, number) = first.split_at_checked(1).unwrap_or((first, ""));
    let number = number.strip_prefix('-').unwrap_or(number);
    letter.chars().all(|c| c.is_ascii_uppercase()) && !number.is_empty() && number.chars().all(|c| c.is_ascii_digit())
}

/// Whether the file's text declares the test: a function in Rust, a quoted title in JavaScript.
fn holds(text: &str, file: &str, test: &str) -> bool {
    if file.ends_with(".rs") {
        return text.contains(&format!("fn {test}("));
    }
    ['\'', '"', '`'].into_iter().any(|quote| text.contains(&format!("({quote}{test}{quote}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(table: &str) -> Vec<String> {
        judge("docs/spec-coverage.md", table, &|file| match file {
            "crates/a/src/b.rs" => Some("#[test]\nfn it_holds() {}"),
            "dev/a.test.mjs" => Some("test('it also holds', () => {})"),
            _ => None,
        })
    }

    #[test]
    fn tests_that_exist_are_taken() {
        let table =
            "| W1 | one | `crates/a/src/b.rs::it_holds`, `dev/a.test.mjs::it also holds` |\n| W2 | two | later |";
        assert_eq!(judged(table), [""; 0]);
    }

    #[test]
    fn a_test_or_file_that_is_gone_is_named_with_its_line() {
        let table = "# Rows\n| W1 | one | `crates/a/src/b.rs::it_hold` |\n| W2 | `crates/gone.rs::x` |\n| W3 | `dev/a.test.mjs::holds` |";
        assert_eq!(
            judged(table),
            [
                "docs/spec-coverage.md:2: crates/a/src/b.rs holds no test \"it_hold\"",
                "docs/spec-coverage.md:3: there is no crates/gone.rs",
                "docs/spec-coverage.md:4: dev/a.test.mjs holds no test \"holds\"",
            ]
        );
    }

    #[test]
    fn a_row_without_test_must_say_later() {
        assert_eq!(
            judged("| row | what |\n|---|---|\n| W1 | done, I think |\n| P | x |\n| A-07 | held |"),
            [
                "docs/spec-coverage.md:3: name a test as `file::test`, or say \"later\"",
                "docs/spec-coverage.md:5: name a test as `file::test`, or say \"later\"",
            ]
        );
    }

    #[test]
    fn a_threat_that_is_left_out_is_named() {
        let all: String = ROWS
            .iter()
            .flat_map(|(letter, last)| (1..=*last).map(move |number| format!("| {letter}{number:02} | x |\n")))
            .collect();
        assert_eq!(left_out("t.md", &all), [""; 0]);
        assert_eq!(left_out("t.md", &all.replace("| A-17 |", "| A-17b |")), ["t.md: there is no row A-17"]);
    }
}

//! Every key that the source documents print, one by one, against the page that says what each does.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use openclaw_core::Environment;
use serde_json::Value;

use super::blocks;
use crate::{ConfigError, Format, Issue, Notice, NoticeKind, mapping::under, parse_str, value};

/// What the page calls this test.
const TEST: &str = "crates/config/src/load/tests/keys.rs::every_printed_key_does_what_the_page_says";
/// Secrets that the documents print as examples, which are refused as such.
const EXAMPLES: &[&str] =
    &["replace-with-a-long-random-token", "your-secret-token", "your-password", "your-secure-token-here", "\"secret\""];

/// What a key does, by its written path in a printed block.
fn verdict(path: &str, issues: &[Issue], notices: &[Notice]) -> String {
    let about = |other: &str| under(path, other).is_some() || under(other, path).is_some();
    if let Some(issue) = issues.iter().find(|issue| under(path, &issue.path).is_some()) {
        let part = if issue.path == path { String::new() } else { format!(" with `{}`", issue.path) };
        return format!("refused{part}, with what to do instead");
    }
    let notice = |kind| notices.iter().rfind(move |notice| notice.kind == kind && about(&notice.path));
    let mut said = Vec::new();
    if let Some(renamed) = notice(NoticeKind::Renamed) {
        said.push(format!("means `{}`", renamed.canonical.as_deref().unwrap_or_default()));
    }
    said.push(match (notice(NoticeKind::Later), notice(NoticeKind::Inert)) {
        (Some(_), _) => "kept until its part is there".to_owned(),
        (None, Some(_)) => "holds anyway".to_owned(),
        (None, None) => "honoured".to_owned(),
    });
    said.join("; ")
}

fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            object.iter().for_each(|(key, inner)| leaves(inner, &value::join(path, key), found));
        }
        _ => found.push(path.to_owned()),
    }
}

fn environment() -> Environment {
    let names = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GOOGLE_API_KEY", "SMTP_URL"];
    names.into_iter().map(|name| (name, "value-of-a-variable-in-the-test")).collect()
}

/// The rows as they stand in the page.
fn rows() -> String {
    let mut rows = BTreeSet::new();
    for (number, (spec, format, text)) in blocks::ALL.iter().enumerate() {
        let real = EXAMPLES
            .iter()
            .fold((*text).to_owned(), |text, example| text.replace(example, "0123456789abcdefghijklmnop"));
        let (parsed, issues, notices) = match parse_str(&real, *format, &environment()) {
            Ok(parsed) => (parsed.parsed, Vec::new(), parsed.notices),
            Err(ConfigError::Invalid(invalid)) => (invalid.parsed, invalid.issues, invalid.notices),
            Err(error) => panic!("block {number} of {spec}: {error}"),
        };
        let mut keys = Vec::new();
        leaves(&parsed, "", &mut keys);
        rows.extend(keys.into_iter().map(|key| {
            let verdict = verdict(&key, &issues, &notices);
            (*spec, key, verdict)
        }));
    }
    let mut page = String::new();
    for (number, (spec, key, verdict)) in rows.iter().enumerate() {
        writeln!(page, "| K{} | {spec} | `{key}` | {verdict} | `{TEST}` |", number + 1).unwrap();
    }
    page
}

#[test]
fn every_printed_key_does_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec-coverage.md");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("\n## ").find(|section| section.starts_with("K. Keys")).unwrap();
    let written: Vec<&str> = section.lines().filter(|line| line.starts_with("| K")).collect();
    let rows = rows();
    let expected: Vec<&str> = rows.lines().collect();
    assert!(expected.len() > 150, "{}", expected.len());
    assert!(written == expected, "the rows of section K should be:\n{rows}");
}

#[test]
fn an_example_that_is_printed_as_a_secret_is_refused_where_it_stands() {
    let refused = |text: &str| parse_str(text, Format::Json5, &environment()).unwrap_err().issues()[0].path.clone();
    assert_eq!(refused(blocks::TOKEN), "gateway.auth.token");
    assert_eq!(refused(blocks::PASSWORD), "gateway.auth.password");
}

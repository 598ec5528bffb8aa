//! The configuration reference, rendered from the schema.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    Effect,
    mapping::RENAMED,
    model::effect,
    schema::{self, Node},
    standing, value,
};

const INTRODUCTION: &str = "\
# Configuration reference

*Applies* says when a change of the file reaches a gateway that is running. No connection is dropped for it, except those
whose own credential was changed: *at once*, for all new work; *to new connections*, because it decides who is let in or is
told to the client when it connects; *at the next start*.
";

/// Every key with its meaning, type and default, as Markdown: one table per section, then the other names.
#[must_use]
pub fn reference_markdown() -> String {
    let schema = schema::schema().to_value();
    let mut text = String::from(INTRODUCTION);
    let root = Node::new(&schema);
    for (name, section) in root.properties().into_iter().flatten() {
        let node = Node::new(section);
        // Writing to a string cannot fail, here and below.
        let _ = write!(
            text,
            "\n## `{name}`\n\n{}\n\n| Key | Type | Default | Applies | Meaning |\n|---|---|---|---|---|\n",
            node.description().unwrap_or_default()
        );
        rows(node, name, &mut text);
    }
    text.push_str("\n## Other names\n\nThese load too, with a note that names the key to write.\n\n| Written | Means |\n|---|---|\n");
    for (from, to) in RENAMED {
        let _ = writeln!(text, "| `{from}` | `{to}` |");
    }
    text
}

fn rows(node: Node<'_>, path: &str, text: &mut String) {
    for branch in node.branches() {
        for (key, inner) in branch.properties().into_iter().flatten() {
            let inner_path = value::join(path, key);
            row(Node::new(inner), &inner_path, text);
            rows(Node::new(inner), &inner_path, text);
        }
        if let Some(entries) = branch.entries() {
            let inner_path = format!("{path}.<name>");
            if standing::remark(&inner_path).is_some() {
                row(entries, &inner_path, text);
            }
            rows(entries, &inner_path, text);
        }
        if let Some(items) = branch.items() {
            rows(items, &format!("{path}[]"), text);
        }
    }
}

fn row(node: Node<'_>, path: &str, text: &mut String) {
    let kinds = kinds(node);
    // A section that only holds keys is its keys' rows, unless there is something to say about all of them.
    if kinds == "object"
        && standing::remark(path).is_none()
        && node.branches().iter().any(|branch| branch.properties().is_some())
    {
        return;
    }
    let default = match node.default() {
        None | Some(Value::Null) => String::new(),
        Some(default) => format!("`{default}`"),
    };
    let mut meaning = node.description().unwrap_or_default().replace('\n', " ").replace('|', "\\|");
    if let Some(remark) = standing::remark(path) {
        let _ = write!(meaning, " {}", remark.replace('|', "\\|"));
    }
    let applies = match effect::effect(path) {
        Effect::Hot => "at once",
        Effect::Reconnect => "to new connections",
        Effect::Restart => "at the next start",
    };
    let _ = writeln!(text, "| `{path}` | {kinds} | {default} | {applies} | {} |", meaning.trim());
}

fn kinds(node: Node<'_>) -> String {
    if node.is_open() {
        return "anything".to_owned();
    }
    let mut kinds: Vec<String> = Vec::new();
    for branch in node.branches() {
        match branch.words() {
            Some(words) => kinds.extend(words.into_iter().map(|word| format!("`{word}`"))),
            None if branch.is_secret() => kinds.push("secret".to_owned()),
            None => kinds.extend(branch.types().into_iter().map(|kind| match (kind, branch.items()) {
                ("array", Some(items)) => format!("list of {}", self::kinds(items)),
                _ => kind.to_owned(),
            })),
        }
    }
    kinds.dedup();
    kinds.join(", ")
}

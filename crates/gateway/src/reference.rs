//! The method reference and the schema, made from the method table.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::{
    methods::table,
    rpc::{Access, Audit, Repeat},
};

/// The schema of every method: parameters and reply, with who may call it.
#[must_use]
pub fn schema() -> Value {
    let methods: serde_json::Map<String, Value> = table()
        .iter()
        .map(|row| {
            let audit = match row.audit {
                Audit::None => Value::Null,
                Audit::Change(event) => json!(event),
            };
            let method = json!({
                "about": row.about,
                "scope": row.access.least().map(openclaw_protocol::Scope::as_str),
                "scopeDependsOnParams": matches!(row.access, Access::Resolved(..)),
                "cost": row.cost,
                "audit": audit,
                "repeat": repeat(row.repeat),
                "role": if matches!(row.access, Access::Node) { "node" } else { "operator" },
                "unavailable": row.later,
                "params": (row.params)(),
                "reply": (row.reply)(),
            });
            (row.name.to_owned(), method)
        })
        .collect();
    json!({ "version": 1, "dialects": [1, 3, 4], "methods": methods, "events": openclaw_protocol::event::NAMES })
}

const fn repeat(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Harmless => "harmless",
        Repeat::Keyed => "by idempotency key",
        Repeat::Fresh => "each call counts",
    }
}

/// The method reference for people.
#[must_use]
pub fn methods_markdown() -> String {
    let mut text = String::from(
        "# Methods\n\nMade from the method table by `cargo xtask schema`; do not edit.\n\n\
         A call without the scope is answered `missing scope: …`; an unknown method looks the same to whoever lacks `operator.admin`.\n\
         Repeating says what a second call with the same parameters does.\n\n\
         | Method | Scope | Cost | Audit | Repeating | What it does |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for row in table() {
        let scope = match row.access {
            Access::Exempt => "any".to_owned(),
            Access::Scope(scope) => scope.to_string(),
            Access::Resolved(scope, _) => format!("{scope}, more by parameters"),
            Access::Node => "role node".to_owned(),
        };
        let audit = match row.audit {
            Audit::None => "–",
            Audit::Change(event) => event,
        };
        let _ = writeln!(
            text,
            "| `{}` | {scope} | {} | {audit} | {} | {} |",
            row.name,
            row.cost,
            repeat(row.repeat),
            row.later
                .map_or_else(|| row.about.to_owned(), |why| format!("{} *Answers `UNAVAILABLE`: {why}.*", row.about))
        );
    }
    text.push_str(
        "\n## Old names\n\nNames that older clients call. They are answered like the method that they mean, and are not advertised.\n\n\
         | Name | Means | Parameters |\n| --- | --- | --- |\n",
    );
    for alias in openclaw_protocol::alias::ALIASES {
        let methods: Vec<String> = alias.methods.iter().map(|method| format!("`{method}`")).collect();
        let _ = writeln!(text, "| `{}` | {} | {} |", alias.name, methods.join(" or "), alias.about);
    }
    text
}

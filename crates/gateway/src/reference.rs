//! The method reference, the schema and the types, made from the method table.

mod examples;
mod typescript;

use std::fmt::Write as _;

use openclaw_protocol::Scope;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
pub use typescript::typescript;

use crate::{
    methods::table,
    rpc::{Access, Audit, Repeat, Row},
};

/// The schema of every method: parameters and reply, with who may call it.
#[must_use]
pub fn schema() -> Value {
    let methods: serde_json::Map<String, Value> =
        table().iter().map(|row| (row.name.to_owned(), json!(Description::of(row)))).collect();
    json!({ "version": 1, "dialects": [1, 3, 4], "methods": methods, "events": openclaw_protocol::event::NAMES })
}

/// What a method is, in short.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// Its name.
    name: &'static str,
    /// What it does.
    about: &'static str,
    /// The scope it needs at least; none for methods that everybody may call, and for those of nodes.
    scope: Option<&'static str>,
    /// Who may call it.
    role: &'static str,
    /// Why it cannot work yet.
    unavailable: Option<&'static str>,
    /// Whether hellos name it.
    listed: bool,
}

impl Summary {
    pub(crate) fn of(row: &Row) -> Self {
        Self {
            name: row.name,
            about: row.about,
            scope: row.access.least().map(Scope::as_str),
            role: if matches!(row.access, Access::Node) { "node" } else { "operator" },
            unavailable: row.later,
            listed: row.listed,
        }
    }
}

/// Everything about a method.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Description {
    /// Its name.
    name: &'static str,
    /// What it does.
    about: &'static str,
    /// The scope it needs at least; none for methods that everybody may call, and for those of nodes.
    scope: Option<&'static str>,
    /// Whether some parameters demand more than that scope.
    scope_depends_on_params: bool,
    /// Who may call it.
    role: &'static str,
    /// Tokens that a call takes from the caller's rate budget.
    cost: u32,
    /// The name under which the audit keeps the change; none when nothing is changed.
    audit: Option<&'static str>,
    /// What a second call with the same parameters does.
    repeat: &'static str,
    /// Why it cannot work yet.
    unavailable: Option<&'static str>,
    /// Whether hellos name it.
    listed: bool,
    /// JSON Schema of what it takes.
    params: Value,
    /// JSON Schema of what it answers.
    reply: Value,
    /// Parameters of a good call.
    #[serde(skip_serializing_if = "Option::is_none")]
    example: Option<Value>,
}

impl Description {
    pub(crate) fn of(row: &Row) -> Self {
        Self {
            name: row.name,
            about: row.about,
            scope: row.access.least().map(Scope::as_str),
            scope_depends_on_params: matches!(row.access, Access::Resolved(..)),
            role: if matches!(row.access, Access::Node) { "node" } else { "operator" },
            cost: row.cost,
            audit: match row.audit {
                Audit::None => None,
                Audit::Change(event) => Some(event),
            },
            repeat: repeat(row.repeat),
            unavailable: row.later,
            listed: row.listed,
            params: (row.params)().to_value(),
            reply: (row.reply)().to_value(),
            example: examples::params(row.name),
        }
    }
}

const fn repeat(repeat: Repeat) -> &'static str {
    match repeat {
        Repeat::Harmless => "harmless",
        Repeat::Keyed => "by idempotency key",
        Repeat::Fresh => "each call counts",
    }
}

/// The first word of a method's name; methods whose name is one word are `basic`.
pub(crate) fn family(method: &str) -> &str {
    method.split_once('.').map_or("basic", |(first, _)| first)
}

/// The method reference for people, by family.
#[must_use]
pub fn methods_markdown() -> String {
    let mut text = String::from(
        "# Methods\n\nMade from the method table by `cargo xtask schema`; do not edit.\n\n\
         A call without the scope is answered `missing scope: …`; an unknown method looks the same to whoever lacks `operator.admin`.\n\
         Repeating says what a second call with the same parameters does.\n\
         `methods.list` and `methods.describe` tell the same over the wire, with an example; `methods.d.ts` has it as types.\n\n\
         A method marked ○ is not in the `features.methods` of a hello, because clients offer a view for each method there:\n\
         the official Control UI asks it all the same when one of its views is opened, and there is nothing to show.\n",
    );
    let mut families: Vec<&str> = table().iter().map(|row| family(row.name)).collect();
    families.sort_unstable();
    families.dedup();
    for name in families {
        let _ = write!(
            text,
            "\n## {name}\n\n| Method | Scope | Cost | Audit | Repeating | What it does |\n| --- | --- | --- | --- | --- | --- |\n"
        );
        for row in table().iter().filter(|row| family(row.name) == name) {
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
            let why = row.later.map_or_else(String::new, |why| format!(" *Not yet: {why}.*"));
            let mark = if row.listed { "" } else { " ○" };
            let _ = writeln!(
                text,
                "| `{}`{mark} | {scope} | {} | {audit} | {} | {}{why} |",
                row.name,
                row.cost,
                repeat(row.repeat),
                row.about,
            );
        }
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

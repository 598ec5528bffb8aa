//! `openclaw config set`

use std::{io::Read, path::PathBuf};

use clap::Args;
use openclaw_config::{Edit, Format, KeyPath, MAX_BYTES, schema_lookup};
use serde::Serialize;
use serde_json::Value;

use super::change::{Aim, Goal, Terms};
use crate::{
    app::Context,
    failure::{Done, Failure},
};

/// Set one value
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config set gateway.port 19000
  openclaw config set agents.defaults.model house/big --note \"try the big one\"
  openclaw config set gateway.controlUi.allowedOrigins '[\"https://mc.example.com\"]' --dry-run
  openclaw config set gateway.auth.token - < token.txt

A value is JSON5 where that makes sense, else text. `-` reads it from standard input, where other users cannot see it.")]
pub(super) struct Set {
    /// Which key, for example gateway.port
    path: KeyPath,
    /// The value
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// Refuse a value that is not JSON
    #[arg(long)]
    strict_json: bool,
    #[command(flatten)]
    terms: Terms,
}

#[derive(Serialize)]
struct Params {
    path: String,
    value: Value,
}

impl Set {
    pub(super) async fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let text = if self.value == "-" { standard_input()? } else { self.value };
        let value = if self.strict_json {
            serde_json::from_str(&text).map_err(|error| Failure::usage(format!("the value is not JSON: {error}")))?
        } else {
            value_of(&self.path, &text)
        };
        let params = Params { path: self.path.to_string(), value: value.clone() };
        let aim = Aim::Edits(vec![Edit::Set { path: self.path, value }]);
        self.terms.run(context, file, Goal { aim, method: "config.set", params }).await
    }
}

/// A whole text from standard input, without the line end that programs put behind it.
pub(crate) fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    std::io::stdin()
        .take(most)
        .read_to_string(&mut text)
        .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    Ok(text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).to_owned())
}

/// What somebody means who writes this at this key: text where only text may stand, else JSON5 if it is that.
fn value_of(path: &KeyPath, text: &str) -> Value {
    let words = schema_lookup(&path.to_string())
        .is_some_and(|entry| entry.schema.get("type").and_then(Value::as_str) == Some("string"));
    match json5(text) {
        Some(value) if !words || value.is_string() => value,
        _ => Value::String(text.to_owned()),
    }
}

/// The text as one JSON5 value, within the bounds of a configuration. The parser reads whole documents, so it gets one.
fn json5(text: &str) -> Option<Value> {
    match openclaw_config::parse_document(&format!("{{value:\n{text}\n}}"), Format::Json5).ok()? {
        Value::Object(mut members) if members.len() == 1 => members.remove("value"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_what_its_key_wants() {
        let value = |path: &str, text: &str| value_of(&path.parse().unwrap(), text);
        assert_eq!(value("gateway.port", "19000"), json!(19000));
        assert_eq!(value("gateway.auth.token", "0123456789012345"), json!("0123456789012345"));
        assert_eq!(value("gateway.auth.token", "'quoted text'"), json!("quoted text"));
        assert_eq!(value("gateway.controlUi.allowedOrigins", "['a',]"), json!(["a"]));
        assert_eq!(value("gateway.bind", "lan"), json!("lan"));
        assert_eq!(value("no.such.key", "true"), json!(true));
        assert_eq!(value("no.such.key", "{a: [1, 'x'], /* why */}"), json!({"a": [1, "x"]}));
        for text in ["1, other: 2", "1}", "1, value: 2", "[", ""] {
            assert_eq!(value("no.such.key", text), json!(text), "it is no value, so it is text");
        }
    }
}

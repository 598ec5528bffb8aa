//! One good call of each method, by family: `fixtures/<first word of the method>.json`.
//!
//! ```json
//! "cron.update": {
//!   "given": [{ "call": "cron.add", "params": { … }, "keep": { "$job": "/id" } }],
//!   "params": { "id": "$job", "patch": { "enabled": false } }
//! }
//! ```
//!
//! - `params`: what a good call says. `$session` is a session, `$agent` an agent, `$device` an admitted device, `$node`
//!   a node that is connected, `$uuid` a new word each time, and `$…` whatever `given` kept.
//! - `given`: calls by an administrator that must succeed first; `keep` takes words from their replies.
//! - `answer`: `details.code` of the refusal that a fresh gateway gives, when success needs what a test cannot have.
//! - `waits`: the answer may not come for a long time.
//! - `mayEnd`: what is granted may end the caller's connection, as a change of its credential does.
//! - `config`: keys of the gateway's configuration.
//! - `limits`: `{ "<member>": { "maximum": 100 } }`, in the words of JSON Schema, for limits that the handler checks.

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use serde_json::Value;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fixture {
    #[serde(default = "nothing")]
    pub(crate) params: Value,
    #[serde(default)]
    pub(crate) given: Vec<Given>,
    #[serde(default)]
    pub(crate) answer: Option<String>,
    #[serde(default)]
    pub(crate) waits: bool,
    #[serde(default, rename = "mayEnd")]
    pub(crate) may_end: bool,
    #[serde(default)]
    pub(crate) config: Option<Value>,
    #[serde(default)]
    pub(crate) limits: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    pub(crate) call: String,
    #[serde(default = "nothing")]
    pub(crate) params: Value,
    /// Name → JSON pointer into the reply.
    #[serde(default)]
    pub(crate) keep: BTreeMap<String, String>,
}

fn nothing() -> Value {
    serde_json::json!({})
}

/// Every fixture, with the file it stands in.
pub(crate) fn all() -> BTreeMap<String, Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/surface/fixtures");
    let mut fixtures = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the fixtures") {
        let path = entry.expect("a file of fixtures").path();
        let text = std::fs::read_to_string(&path).expect("a readable file of fixtures");
        let family: BTreeMap<String, Fixture> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for (method, fixture) in family {
            let expected = file(&method);
            assert!(
                path.ends_with(&expected),
                "the fixture of {method} belongs into {expected}, not {}",
                path.display()
            );
            assert!(fixtures.insert(method.clone(), fixture).is_none(), "{method} has two fixtures");
        }
    }
    fixtures
}

/// Where the fixture of a method stands.
pub(crate) fn file(method: &str) -> String {
    let family = if method.contains('.') { method.split('.').next().unwrap_or(method) } else { "basic" };
    format!("fixtures/{family}.json")
}

impl Fixture {
    /// The schema of the parameters with the limits that only the handler knows.
    pub(crate) fn narrowed(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        for (member, limits) in &self.limits {
            let property = &mut schema["properties"][member.as_str()];
            assert!(property.is_object(), "limits of a member {member} that is not there");
            for (word, limit) in limits.as_object().into_iter().flatten() {
                property[word.as_str()] = limit.clone();
            }
        }
        schema
    }
}

/// Puts names into parameters.
pub(crate) fn filled(params: &Value, names: &BTreeMap<String, Value>, fresh: &mut impl FnMut() -> String) -> Value {
    match params {
        Value::String(text) if text == "$uuid" => Value::String(fresh()),
        Value::String(text) => names.get(text.as_str()).cloned().unwrap_or_else(|| params.clone()),
        Value::Array(items) => items.iter().map(|item| filled(item, names, fresh)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, names, fresh))).collect()
        }
        other => other.clone(),
    }
}

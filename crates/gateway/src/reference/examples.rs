//! A good call of each method, as the tests make it.

use serde_json::{Map, Value, json};

/// The good calls by family, as their files have them.
const CALLS: &str = include_str!(concat!(env!("OUT_DIR"), "/examples.json"));

/// Parameters of a good call, with readable words in the place of the tests' names; `None` when no test makes one.
pub(super) fn params(method: &str) -> Option<Value> {
    let families: Vec<Map<String, Value>> = serde_json::from_str(CALLS).ok()?;
    let call = families.into_iter().find_map(|mut family| family.remove(method))?;
    Some(named(call.get("params").unwrap_or(&json!({}))))
}

fn named(params: &Value) -> Value {
    match params {
        Value::String(name) => match name.as_str() {
            "$session" => json!("agent:main:main"),
            "$agent" => json!("main"),
            "$uuid" => json!("1b4e28ba-2fa1-4d2b-883f-0016d3cca427"),
            name => match name.strip_prefix('$') {
                Some(name) => json!(format!("<{name}>")),
                None => params.clone(),
            },
        },
        Value::Array(items) => items.iter().map(named).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), named(value))).collect(),
        other => other.clone(),
    }
}

//! Bad parameters, made from a method's schema and from parameters that are good.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// Longest path of members that is gone into.
const DEEPEST: usize = 3;
/// The kinds of JSON values, as schemas name them.
const KINDS: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "null"];

/// What has to come of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// `INVALID_REQUEST`, naming this member.
    Refused(String),
    /// Any answer but a fault of the gateway.
    Answered,
}

/// Parameters with one thing wrong.
#[derive(Clone, Debug)]
pub(crate) struct Spoiled {
    /// What is wrong.
    pub(crate) what: String,
    /// The parameters.
    pub(crate) params: Value,
    /// What has to come of it.
    pub(crate) due: Due,
}

/// Everything that can be wrong with `good`, as `schema` says.
pub(crate) fn spoil(schema: &Value, good: &Value) -> Vec<Spoiled> {
    let mut spoiler = Spoiler { root: schema, good, found: Vec::new() };
    spoiler.object(schema, good, &mut Vec::new());
    spoiler.found
}

struct Spoiler<'a> {
    root: &'a Value,
    good: &'a Value,
    found: Vec<Spoiled>,
}

impl Spoiler<'_> {
    /// Follows references, and takes an optional type for the type.
    fn resolved(&self, schema: &Value) -> Value {
        let mut schema = schema.clone();
        for _ in 0..8 {
            if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
                let Value::Object(beside) = &schema else { break };
                let mut target = self.root["$defs"][name].clone();
                if let Value::Object(target) = &mut target {
                    target.extend(beside.iter().filter(|(key, _)| *key != "$ref").map(|(k, v)| (k.clone(), v.clone())));
                }
                schema = target;
            } else {
                break;
            }
        }
        schema
    }

    /// The kinds that a schema takes; all of them when it does not say.
    fn kinds(&self, schema: &Value) -> BTreeSet<&'static str> {
        let schema = self.resolved(schema);
        let named = |name: &str| KINDS.into_iter().find(|kind| *kind == name);
        if let Some(options) = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            return options.iter().flat_map(|option| self.kinds(option)).collect();
        }
        let mut kinds: BTreeSet<&'static str> = match &schema["type"] {
            Value::String(kind) => named(kind).into_iter().collect(),
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter_map(named).collect(),
            _ => match (&schema["enum"], &schema["const"]) {
                (Value::Array(words), _) => words.iter().map(kind).collect(),
                (_, Value::Null) => KINDS.into_iter().collect(),
                (_, word) => [kind(word)].into(),
            },
        };
        if kinds.contains("number") {
            kinds.insert("integer");
        }
        kinds
    }

    /// The one schema of this kind among the options.
    fn of_kind(&self, schema: &Value, kind: &str) -> Option<Value> {
        let schema = self.resolved(schema);
        match schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array()) {
            Some(options) => {
                let mut fitting = options.iter().filter(|option| self.kinds(option).contains(kind));
                let first = fitting.next()?;
                fitting.next().is_none().then(|| self.resolved(first))
            }
            None => self.kinds(&schema).contains(kind).then_some(schema),
        }
    }

    fn put(&mut self, what: &str, at: &[String], value: Option<Value>, due: Due) {
        let mut params = self.good.clone();
        let Some((name, parents)) = at.split_last() else { return };
        let mut holder = &mut params;
        for parent in parents {
            holder = match holder {
                Value::Array(items) => match parent.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                    Some(item) => item,
                    None => return,
                },
                other => &mut other[parent.as_str()],
            };
        }
        match (holder, value) {
            (Value::Object(members), Some(value)) => {
                members.insert(name.clone(), value);
            }
            (Value::Object(members), None) => {
                members.remove(name);
            }
            (Value::Array(items), Some(value)) => match name.parse::<usize>().ok().and_then(|at| items.get_mut(at)) {
                Some(item) => *item = value,
                None => return,
            },
            _ => return,
        }
        self.found.push(Spoiled { what: format!("{} {what}", at.join(".")), params, due });
    }

    fn object(&mut self, schema: &Value, good: &Value, at: &mut Vec<String>) {
        let Some(schema) = self.of_kind(schema, "object") else { return };
        let empty = Map::new();
        let properties = schema["properties"].as_object().unwrap_or(&empty);
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            at.push(name.to_owned());
            self.put("is missing", at, None, Due::Refused(name.to_owned()));
            at.pop();
        }
        if schema["additionalProperties"] == json!(false) {
            at.push("noSuchMember".to_owned());
            let due = Due::Refused("noSuchMember".to_owned());
            self.put("is unknown", at, Some(json!(1)), due);
            at.pop();
        }
        for (name, property) in properties {
            at.push(name.clone());
            self.member(property, &good[name.as_str()], at);
            at.pop();
        }
    }

    fn member(&mut self, schema: &Value, good: &Value, at: &mut Vec<String>) {
        let kinds = self.kinds(schema);
        let name = at.iter().rev().find(|part| part.parse::<usize>().is_err()).cloned().unwrap_or_default();
        let refused = || Due::Refused(name.clone());
        for (kind, value) in [
            ("string", json!("no such thing")),
            ("integer", json!(7)),
            ("number", json!(7.5)),
            ("boolean", json!(true)),
            ("array", json!([[]])),
            ("object", json!({ "noSuchMember": 1 })),
            ("null", Value::Null),
        ] {
            if !kinds.contains(kind) {
                self.put(&format!("is {kind}"), at, Some(value), refused());
            }
        }
        if kinds.contains("string") {
            for (what, text) in [
                ("is empty", String::new()),
                ("has control characters", "a\u{0}b\u{1b}[31m\r\n\u{202e}\u{7f}".to_owned()),
                ("is a path out", "../../../../etc/passwd".to_owned()),
                ("is 1 MiB long", "x".repeat(1 << 20)),
            ] {
                self.put(what, at, Some(json!(text)), Due::Answered);
            }
        }
        if kinds.contains("integer") {
            for number in [json!(-1), json!(0), json!(i64::MIN), json!(i64::MAX), json!(u64::MAX), json!(1e300)] {
                self.put(&format!("is {number}"), at, Some(number), Due::Answered);
            }
        }
        if kinds.contains("array") || kinds.contains("object") {
            let nested = (0..100).fold(json!(1), |inner, _| json!([inner]));
            self.put("is deeply nested", at, Some(nested), Due::Answered);
            let nested = (0..100).fold(json!(1), |inner, _| json!({ "a": inner }));
            self.put("is deeply nested", at, Some(nested), Due::Answered);
        }
        self.words(schema, at, &refused());
        self.limits(schema, at, &refused());
        if at.len() >= DEEPEST {
            return;
        }
        if good.is_object() {
            self.object(schema, good, at);
        }
        if let (Some(first), Some(schema)) = (good.get(0), self.of_kind(schema, "array")) {
            at.push("0".to_owned());
            self.member(&schema["items"], first, at);
            at.pop();
        }
    }

    /// A word that is none of those that the schema lists.
    fn words(&mut self, schema: &Value, at: &[String], refused: &Due) {
        let Some(schema) = self.of_kind(schema, "string") else { return };
        if schema["enum"].is_array() || schema["const"].is_string() {
            self.put("is no such word", at, Some(json!("no such word")), refused.clone());
        }
    }

    /// Each limit, and one beyond it.
    fn limits(&mut self, schema: &Value, at: &[String], refused: &Due) {
        for kind in ["string", "integer", "array"] {
            let Some(schema) = self.of_kind(schema, kind) else { continue };
            let limit = |name: &str| schema[name].as_i64();
            let length = |n: i64| usize::try_from(n).ok().filter(|n| *n <= 1 << 21);
            let of = |n: i64| match kind {
                "string" => length(n).map(|n| json!("x".repeat(n))),
                "array" => length(n).map(|n| {
                    let item = self.good_item(at);
                    Value::Array(vec![item; n])
                }),
                _ => Some(json!(n)),
            };
            let (least, most) = match kind {
                "string" => (limit("minLength"), limit("maxLength")),
                "array" => (limit("minItems"), limit("maxItems")),
                _ => (limit("minimum"), limit("maximum")),
            };
            let mut cases = Vec::new();
            for (limit, beyond) in [(least, -1), (most, 1)] {
                let Some(limit) = limit else { continue };
                cases.push((format!("is at its limit {limit}"), of(limit), Due::Answered));
                cases.push((format!("is beyond its limit {limit}"), of(limit.saturating_add(beyond)), refused.clone()));
            }
            for (what, value, due) in cases {
                if let Some(value) = value {
                    self.put(&what, at, Some(value), due);
                }
            }
        }
    }

    /// An item like those of the list in the good parameters.
    fn good_item(&self, at: &[String]) -> Value {
        let list = at.iter().try_fold(self.good, |value, part| match value {
            Value::Array(items) => items.get(part.parse::<usize>().ok()?),
            other => other.get(part.as_str()),
        });
        list.and_then(|list| list.get(0)).cloned().unwrap_or_else(|| json!("x"))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_a_schema_forbids_is_tried() {
        let schema = json!({
            "type": "object", "additionalProperties": false, "required": ["key"],
            "properties": {
                "key": { "$ref": "#/$defs/Key" },
                "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": 9 },
                "any": { "description": "Understood and not needed." },
                "mode": { "anyOf": [{ "enum": ["now", "later"], "type": "string" }, { "type": "null" }] },
                "inner": { "type": "object", "required": ["deep"], "properties": { "deep": { "type": "boolean" } } },
            },
            "$defs": { "Key": { "type": "string", "maxLength": 3 } },
        });
        let tried = spoil(&schema, &json!({ "key": "abc", "inner": { "deep": true } }));
        let what: Vec<&str> =
            tried.iter().filter(|case| case.due != Due::Answered).map(|case| case.what.as_str()).collect();
        for expected in [
            "key is missing",
            "key is integer",
            "key is null",
            "key is beyond its limit 3",
            "noSuchMember is unknown",
            "limit is string",
            "limit is number",
            "limit is beyond its limit 1",
            "limit is beyond its limit 9",
            "mode is no such word",
            "inner.deep is missing",
            "inner.deep is string",
        ] {
            assert!(what.contains(&expected), "{expected} is not among {what:?}");
        }
        assert!(!what.contains(&"limit is null") && !what.iter().any(|what| what.starts_with("any")), "{what:?}");
        let deep = tried.iter().find(|case| case.what == "inner.deep is missing");
        assert_eq!(deep.map(|case| &case.params), Some(&json!({ "key": "abc", "inner": {} })));
    }
}

//! TypeScript types of every method, from the schemas of its parameters and its reply.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde_json::{Map, Value};

use crate::methods::table;

/// The declarations.
#[must_use]
pub fn typescript() -> String {
    let mut types = Types::default();
    let mut methods = String::new();
    for row in table() {
        let name = pascal(row.name);
        let params = types.whole(&format!("{name}Params"), (row.params)().as_value());
        let reply = types.whole(&format!("{name}Reply"), (row.reply)().as_value());
        let _ = writeln!(methods, "  /** {} */\n  {:?}: {{ params: {params}; reply: {reply} }};", row.about, row.name);
    }
    let mut text = String::from(
        "// Made from the method table by `cargo xtask schema`; do not edit.\n\n\
         /** What a method takes and answers, by its name. */\nexport interface Methods {\n",
    );
    text.push_str(&methods);
    text.push_str(
        "}\n\nexport type MethodName = keyof Methods;\n\n/** Names of the events. */\nexport type EventName =\n",
    );
    for name in openclaw_protocol::event::NAMES {
        let _ = writeln!(text, "  | {name:?}");
    }
    text.pop();
    text.push_str(";\n");
    for (name, declared) in &types.declared {
        let _ = write!(text, "\nexport type {name} = {declared};\n");
    }
    text
}

#[derive(Default)]
struct Types {
    /// Declarations by name.
    declared: BTreeMap<String, String>,
    /// Names that are being declared, for types that contain themselves.
    open: BTreeSet<String>,
}

impl Types {
    /// Declares a schema of its own and gives back its name.
    fn whole(&mut self, name: &str, schema: &Value) -> String {
        let defs = schema["$defs"].as_object().cloned().unwrap_or_default();
        let text = self.text(schema, name, &defs, 0);
        self.declared.insert(name.to_owned(), text);
        name.to_owned()
    }

    /// The name of a shared definition. Two that only share the name get one of their own each.
    fn shared(&mut self, name: &str, owner: &str, defs: &Map<String, Value>) -> String {
        let Some(schema) = defs.get(name) else { return "unknown".to_owned() };
        if self.open.contains(name) {
            return name.to_owned();
        }
        self.open.insert(name.to_owned());
        let text = self.text(schema, owner, defs, 0);
        self.open.remove(name);
        let free = self.declared.get(name).is_none_or(|declared| *declared == text);
        let name = if free { name.to_owned() } else { format!("{owner}{name}") };
        self.declared.insert(name.clone(), text);
        name
    }

    fn text(&mut self, schema: &Value, owner: &str, defs: &Map<String, Value>, depth: usize) -> String {
        let Some(members) = schema.as_object() else {
            return if schema == &Value::Bool(false) { "never".to_owned() } else { "unknown".to_owned() };
        };
        if let Some(path) = schema["$ref"].as_str() {
            return self.shared(path.rsplit('/').next().unwrap_or(path), owner, defs);
        }
        if let Some(word) = members.get("const") {
            return word.to_string();
        }
        if let Some(words) = schema["enum"].as_array() {
            return union(words.iter().map(Value::to_string));
        }
        for options in ["anyOf", "oneOf"] {
            if let Some(options) = schema[options].as_array() {
                return union(options.iter().map(|option| self.text(option, owner, defs, depth)));
            }
        }
        match &schema["type"] {
            Value::String(kind) => self.kind(kind, schema, owner, defs, depth),
            Value::Array(kinds) => {
                let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
                union(kinds.into_iter().map(|kind| self.kind(kind, schema, owner, defs, depth)))
            }
            _ if members.contains_key("properties") => self.kind("object", schema, owner, defs, depth),
            _ => "unknown".to_owned(),
        }
    }

    fn kind(&mut self, kind: &str, schema: &Value, owner: &str, defs: &Map<String, Value>, depth: usize) -> String {
        match kind {
            "null" | "string" | "boolean" => kind.to_owned(),
            "integer" | "number" => "number".to_owned(),
            "array" if schema["maxItems"] == 0 => "[]".to_owned(),
            "array" => match schema.get("items") {
                Some(items) => {
                    let items = self.text(items, owner, defs, depth);
                    if items.contains(' ') { format!("({items})[]") } else { format!("{items}[]") }
                }
                None => "unknown[]".to_owned(),
            },
            "object" => self.object(schema, owner, defs, depth),
            _ => "unknown".to_owned(),
        }
    }

    fn object(&mut self, schema: &Value, owner: &str, defs: &Map<String, Value>, depth: usize) -> String {
        let indent = "  ".repeat(depth + 1);
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut text = String::from("{");
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(about) = property["description"].as_str() {
                let about = about.replace("*/", "* /").replace('\n', " ");
                let _ = write!(text, "\n{indent}/** {about} */");
            }
            let mark = if required.contains(name.as_str()) { "" } else { "?" };
            let kind = self.text(property, owner, defs, depth + 1);
            let _ = write!(text, "\n{indent}{}{mark}: {kind};", member(name));
        }
        match &schema["additionalProperties"] {
            Value::Bool(false) => {}
            Value::Object(_) => {
                let kind = self.text(&schema["additionalProperties"], owner, defs, depth + 1);
                let _ = write!(text, "\n{indent}[name: string]: {kind};");
            }
            Value::Bool(true) => {
                let _ = write!(text, "\n{indent}[name: string]: unknown;");
            }
            _ => {}
        }
        if text == "{" {
            return if schema["additionalProperties"] == false { "Record<string, never>" } else { "object" }.to_owned();
        }
        let _ = write!(text, "\n{}}}", "  ".repeat(depth));
        text
    }
}

/// `A | B`, each once.
fn union(options: impl Iterator<Item = String>) -> String {
    let mut all: Vec<String> = Vec::new();
    for option in options {
        if !all.contains(&option) {
            all.push(option);
        }
    }
    if all.is_empty() { "never".to_owned() } else { all.join(" | ") }
}

fn member(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '$');
    if plain { name.to_owned() } else { format!("{name:?}") }
}

/// `config.schema.lookup` → `ConfigSchemaLookup`.
fn pascal(method: &str) -> String {
    method
        .split(['.', '-', '_'])
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared(schema: &Value) -> BTreeMap<String, String> {
        let mut types = Types::default();
        types.whole("It", schema);
        types.declared
    }

    #[test]
    fn schemas_become_types() {
        let types = declared(&json!({
            "type": "object", "required": ["key"], "additionalProperties": false,
            "properties": {
                "key": { "$ref": "#/$defs/Key" },
                "mode": { "anyOf": [{ "enum": ["now", "later"] }, { "type": "null" }] },
                "some-list": { "type": "array", "items": { "type": ["string", "null"] }, "description": "A list." },
                "any": {}, "never": false, "none": { "type": "array", "maxItems": 0 },
                "inner": { "type": "object", "additionalProperties": { "type": "integer" } },
            },
            "$defs": { "Key": { "type": "string" } },
        }));
        assert_eq!(types["Key"], "string");
        for line in [
            "  key: Key;",
            "  mode?: \"now\" | \"later\" | null;",
            "  /** A list. */\n  \"some-list\"?: (string | null)[];",
            "  any?: unknown;",
            "  never?: never;",
            "  none?: [];",
            "  inner?: {\n    [name: string]: number;\n  };",
        ] {
            assert!(types["It"].contains(line), "{line} is not in {}", types["It"]);
        }
    }

    #[test]
    fn a_type_that_contains_itself_ends() {
        let types = declared(&json!({
            "$ref": "#/$defs/Tree",
            "$defs": { "Tree": { "type": "object", "properties": { "of": { "$ref": "#/$defs/Tree" } } } },
        }));
        assert_eq!(types["Tree"], "{\n  of?: Tree;\n}");
    }

    #[test]
    fn names_that_two_definitions_share_are_kept_apart() {
        let mut types = Types::default();
        types.whole("A", &json!({ "$ref": "#/$defs/Row", "$defs": { "Row": { "type": "string" } } }));
        types.whole("B", &json!({ "$ref": "#/$defs/Row", "$defs": { "Row": { "type": "number" } } }));
        assert_eq!((types.declared["A"].as_str(), types.declared["B"].as_str()), ("Row", "BRow"));
    }

    #[test]
    fn every_type_that_is_named_is_declared() {
        let text = typescript();
        assert!(text.contains("  \"ping\": { params: PingParams; reply: PingReply };"), "{text}");
        assert!(text.matches('{').count() == text.matches('}').count());
    }
}

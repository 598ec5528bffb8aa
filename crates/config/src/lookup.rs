//! One key of the schema at a time, for editors that ask as they go.

use serde::Serialize;
use serde_json::Value;

use crate::{
    Effect, KeyPath, Step, aim,
    model::effect,
    schema::{self, Node},
    standing, value,
};

/// What the schema says about one place.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaEntry {
    /// Its canonical path.
    pub path: String,
    /// Its own JSON Schema, without that of the keys inside it.
    pub schema: Value,
    /// What it is, its unit and default, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its default, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// Whether its value is a secret.
    pub secret: bool,
    /// What to know about it when it does not do what it says yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standing: Option<String>,
    /// When a change of it takes effect.
    pub effect: Effect,
    /// The keys inside it.
    pub children: Vec<SchemaChild>,
}

/// A key inside a [`SchemaEntry`].
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SchemaChild {
    /// The key; `*` for any, `[]` for the items of a list.
    pub key: String,
    /// Its path.
    pub path: String,
    /// Its JSON types.
    #[serde(rename = "type", skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it has keys of its own.
    pub has_children: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// When a change of it takes effect.
    pub effect: Effect,
    /// What it is, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Looks a path up, by any of its names; `[]` stands for any item and `*` for any key, and the empty path is the whole. `None` when
/// it names nothing.
#[must_use]
pub fn schema_lookup(path: &str) -> Option<SchemaEntry> {
    let schema = schema::schema().to_value();
    let mut node = Node::new(&schema);
    let mut canonical = String::new();
    if !path.is_empty() {
        let written: KeyPath = path.replace("[]", "[0]").parse().ok()?;
        let path: KeyPath = aim::canonical(&written.to_string()).parse().ok()?;
        for step in path.steps() {
            let (inner, at) = step_into(node, step, &canonical)?;
            (node, canonical) = (inner, at);
        }
    }
    let notation = notation(&canonical);
    Some(SchemaEntry {
        schema: shallow(node),
        description: node.description().map(str::to_owned),
        default: node.default().filter(|default| !default.is_null()).cloned(),
        secret: node.is_secret(),
        standing: standing::remark(&notation),
        effect: effect::effect(&canonical),
        children: children(node, &canonical),
        path: canonical,
    })
}

/// The node at a step; a place where anything may stand leads to another such place.
fn step_into<'a>(node: Node<'a>, step: &Step, path: &str) -> Option<(Node<'a>, String)> {
    if node.is_open() {
        let at = match step {
            Step::Index(index) => value::item(path, *index),
            Step::Key(key) => value::join(path, key),
        };
        return Some((node, at));
    }
    let branches = node.branches();
    match step {
        Step::Index(index) => Some((branches.iter().find_map(|branch| branch.items())?, value::item(path, *index))),
        Step::Key(key) => {
            if let Some(inner) = branches.iter().find_map(|branch| branch.property(key)) {
                return Some((inner, value::join(path, key)));
            }
            let index = key.parse::<usize>().ok()?;
            Some((branches.iter().find_map(|branch| branch.items())?, value::item(path, index)))
        }
    }
}

/// The path in the notation of the tables about keys.
fn notation(path: &str) -> String {
    let mut notation = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, inside)) = rest.split_once('[') {
        let Some((number, after)) = inside.split_once(']').filter(|(number, _)| number.parse::<usize>().is_ok()) else {
            break;
        };
        let _ = number;
        notation.push_str(before);
        notation.push_str("[]");
        rest = after;
    }
    notation + rest
}

fn children(node: Node<'_>, path: &str) -> Vec<SchemaChild> {
    let mut children = Vec::new();
    for branch in node.branches() {
        let required = branch.required();
        for (key, inner) in branch.properties().into_iter().flatten() {
            let required = required.contains(&key.as_str());
            children.push(child(key, value::join(path, key), Node::new(inner), required));
        }
        if let Some(inner) = branch.entries() {
            children.push(child("*", if path.is_empty() { "*".to_owned() } else { format!("{path}.*") }, inner, false));
        }
        if let Some(inner) = branch.items() {
            children.push(child("[]", format!("{path}[]"), inner, false));
        }
    }
    children
}

fn child(key: &str, path: String, node: Node<'_>, required: bool) -> SchemaChild {
    let branches = node.branches();
    let mut types: Vec<String> = branches
        .iter()
        .flat_map(|branch| if branch.words().is_some() { vec!["string"] } else { branch.types() })
        .map(str::to_owned)
        .collect();
    types.dedup();
    SchemaChild {
        key: key.to_owned(),
        types,
        required,
        has_children: branches
            .iter()
            .any(|branch| branch.properties().is_some() || branch.entries().is_some() || branch.items().is_some()),
        secret: node.is_secret(),
        effect: effect::effect(&path.replace(".*", "").replace("[]", "")),
        description: node.description().map(str::to_owned),
        path,
    }
}

/// A node's schema without the schemas of what is inside.
fn shallow(node: Node<'_>) -> Value {
    fn strip(schema: &mut Value) {
        let Some(object) = schema.as_object_mut() else { return };
        for inside in ["properties", "required", "items", "$schema", "title"] {
            object.remove(inside);
        }
        if let Some(extra) = object.get_mut("additionalProperties")
            && extra.is_object()
        {
            *extra = Value::Bool(true);
        }
        for wrapper in ["anyOf", "allOf"] {
            object.get_mut(wrapper).and_then(Value::as_array_mut).into_iter().flatten().for_each(strip);
        }
        // The default of a section is that of its keys.
        if object.get("default").is_some_and(Value::is_object) {
            object.remove("default");
        }
    }
    let mut schema = node.to_value();
    strip(&mut schema);
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_looked_up_by_any_of_its_names() {
        let port = schema_lookup("gateway.port").unwrap();
        insta::assert_json_snapshot!(port, @r#"
        {
          "path": "gateway.port",
          "schema": {
            "default": 18789,
            "description": "Listening port; 0 picks a free one. With TLS on, `gateway.tls.port` wins when set. Default 18789.",
            "format": "uint16",
            "maximum": 65535,
            "minimum": 0,
            "type": "integer"
          },
          "description": "Listening port; 0 picks a free one. With TLS on, `gateway.tls.port` wins when set. Default 18789.",
          "default": 18789,
          "secret": false,
          "effect": "restart",
          "children": []
        }
        "#);
        assert_eq!(schema_lookup("gateway.token").unwrap().path, "gateway.auth.token");
        assert!(schema_lookup("gateway.token").unwrap().secret);
        assert_eq!(schema_lookup("agents.list.0.model").unwrap().path, "agents.list[0].model");
        assert!(schema_lookup("security.monitoring").unwrap().standing.is_none());
        assert!(schema_lookup("agents.list[].sandbox").unwrap().standing.is_some());
        assert!(schema_lookup("models.providers.any.headers.x").unwrap().secret);
        assert_eq!(schema_lookup("tools.web.anything.at.all").unwrap().children.len(), 0);
        for unknown in ["gateway.prot", "gateway.port.x", "agents.list.first", "a[", "agents[0]"] {
            assert!(schema_lookup(unknown).is_none(), "{unknown}");
        }
    }

    #[test]
    fn the_whole_schema_is_reached_in_small_chunks() {
        let mut open = vec![String::new()];
        let (mut places, mut largest) = (0, 0);
        while let Some(path) = open.pop() {
            let entry = schema_lookup(&path).unwrap_or_else(|| panic!("{path}"));
            places += 1;
            largest = largest.max(serde_json::to_vec(&entry).unwrap().len());
            open.extend(
                entry
                    .children
                    .into_iter()
                    .filter(|child| places < 5000 && !(child.key == "*" && child.types.is_empty()))
                    .map(|child| child.path),
            );
        }
        assert!((200..5000).contains(&places), "{places}");
        assert!(largest < 16_384, "{largest}");
    }
}

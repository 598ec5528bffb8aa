//! The schema of the configuration, and the check of a document against it.
//!
//! The check reports everything that is wrong at once. It reads the same schema that `config.schema` serves.

use schemars::{Schema, generate::SchemaSettings};
use serde_json::{Map, Value};

use crate::{
    Config, Issue, KeyPath, Step, aim,
    model::scalar::{self, SCALAR},
    value,
};

/// JSON Schema (draft 7) of the whole configuration, without references. Leaves that hold secrets are `writeOnly`.
#[must_use]
pub fn schema() -> Schema {
    SchemaSettings::draft07()
        .with(|settings| settings.inline_subschemas = true)
        .into_generator()
        .into_root_schema_for::<Config>()
}

/// Issues after which looking for more stops: far more than anybody reads, and a bound on the work for a senseless file.
const ENOUGH: usize = 1000;

/// What one node of the schema allows.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a>(&'a Value);

impl<'a> Node<'a> {
    pub(crate) const fn new(schema: &'a Value) -> Self {
        Self(schema)
    }

    pub(crate) fn description(self) -> Option<&'a str> {
        self.0.get("description").and_then(Value::as_str)
    }

    pub(crate) fn default(self) -> Option<&'a Value> {
        self.0.get("default")
    }

    pub(crate) fn is_secret(self) -> bool {
        self.branches().iter().any(|node| node.0.get("writeOnly") == Some(&Value::Bool(true)))
    }

    /// Whether anything may stand here.
    pub(crate) fn is_open(self) -> bool {
        match self.0 {
            Value::Bool(open) => *open,
            Value::Object(schema) => {
                let says = |key: &str| schema.contains_key(key);
                !["type", "anyOf", "allOf", "oneOf", "enum", "const", "properties"].into_iter().any(says)
                    || self.branches().iter().any(|node| node.0 != self.0 && node.is_open())
            }
            _ => false,
        }
    }

    /// The alternatives, without wrappers and without null.
    pub(crate) fn branches(self) -> Vec<Self> {
        let wrapped = ["anyOf", "allOf"].into_iter().find_map(|key| self.0.get(key).and_then(Value::as_array));
        match wrapped {
            Some(parts) => parts
                .iter()
                .filter(|part| part.get("type").and_then(Value::as_str) != Some("null"))
                .flat_map(|part| Node(part).branches())
                .collect(),
            None => vec![self],
        }
    }

    fn allows_null(self) -> bool {
        let typed = match self.0.get("type") {
            Some(Value::String(name)) => name == "null",
            Some(Value::Array(names)) => names.iter().any(|name| name == "null"),
            _ => false,
        };
        typed
            || self
                .0
                .get("anyOf")
                .and_then(Value::as_array)
                .is_some_and(|parts| parts.iter().any(|part| Node(part).allows_null()))
    }

    /// The JSON types that are allowed, without null.
    pub(crate) fn types(self) -> Vec<&'a str> {
        match self.0.get("type") {
            Some(Value::String(name)) => vec![name.as_str()],
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).filter(|name| *name != "null").collect()
            }
            _ => Vec::new(),
        }
    }

    pub(crate) fn properties(self) -> Option<&'a Map<String, Value>> {
        self.0.get("properties").and_then(Value::as_object)
    }

    pub(crate) fn property(self, key: &str) -> Option<Self> {
        let named = self.properties().and_then(|properties| properties.get(key));
        named.or_else(|| self.0.get("additionalProperties").filter(|extra| **extra != Value::Bool(false))).map(Node)
    }

    /// What values of free keys must be.
    pub(crate) fn entries(self) -> Option<Self> {
        self.0.get("additionalProperties").filter(|extra| extra.is_object()).map(Node)
    }

    pub(crate) fn items(self) -> Option<Self> {
        self.0.get("items").map(Node)
    }

    /// The keys that must be there.
    pub(crate) fn required(self) -> Vec<&'a str> {
        self.0.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The schema itself.
    pub(crate) fn to_value(self) -> Value {
        self.0.clone()
    }

    /// The closed list of words, when there is one.
    pub(crate) fn words(self) -> Option<Vec<&'a str>> {
        let word = |value: &'a Value| value.as_str();
        if let Some(list) = self.0.get("enum").and_then(Value::as_array) {
            return Some(list.iter().filter_map(word).collect());
        }
        let variants = self.0.get("oneOf").and_then(Value::as_array)?;
        let mut words = Vec::new();
        for variant in variants {
            match (variant.get("const"), variant.get("enum").and_then(Value::as_array)) {
                (Some(constant), _) => words.extend(word(constant)),
                (None, Some(list)) => words.extend(list.iter().filter_map(word)),
                (None, None) => return None,
            }
        }
        Some(words)
    }

    fn number(self, key: &str) -> Option<f64> {
        self.0.get(key).and_then(Value::as_f64)
    }
}

/// Calls `visit` with every key of the schema; `*` stands for any key, `[]` for any item.
pub(crate) fn visit_keys(node: Node<'_>, path: &str, visit: &mut impl FnMut(&str, Node<'_>)) {
    for branch in node.branches() {
        for (key, inner) in branch.properties().into_iter().flatten() {
            let inner_path = value::join(path, key);
            visit(&inner_path, Node(inner));
            visit_keys(Node(inner), &inner_path, visit);
        }
        for (suffix, inner) in [(".*", branch.entries()), ("[]", branch.items())] {
            if let Some(inner) = inner {
                visit_keys(inner, &format!("{path}{suffix}"), visit);
            }
        }
    }
}

/// What is wrong with a path that names no key of the configuration; `None` when it names one, by any of its names.
pub(crate) fn unknown(path: &KeyPath) -> Option<Issue> {
    let canonical: KeyPath = aim::canonical(&path.to_string()).parse().ok()?;
    let schema = schema().to_value();
    let root = Node(&schema);
    let (mut node, mut passed) = (root, String::new());
    for step in canonical.steps() {
        if node.is_open() {
            return None;
        }
        let branches = node.branches();
        let (inner, suggestion) = match step {
            Step::Key(key) => {
                passed = value::join(&passed, key);
                let inner = branches.iter().find_map(|branch| branch.property(key));
                let digits = key.bytes().all(|byte| byte.is_ascii_digit());
                let item = || branches.iter().find_map(|branch| branch.items()).filter(|_| digits);
                (inner.or_else(item), branches.iter().find_map(|branch| suggest(key, *branch, root)))
            }
            Step::Index(index) => {
                passed = value::item(&passed, *index);
                (branches.iter().find_map(|branch| branch.items()), None)
            }
        };
        let Some(inner) = inner else {
            return Some(Issue::new(passed, "unknown key").suggesting(suggestion));
        };
        node = inner;
    }
    None
}

/// Reports everything in `document` that the schema does not allow.
pub(crate) fn check(document: &Value, schema: &Value, issues: &mut Vec<Issue>) {
    check_node(document, Node(schema), "", Node(schema), issues);
}

fn check_node(value: &Value, node: Node<'_>, path: &str, root: Node<'_>, issues: &mut Vec<Issue>) {
    if issues.len() >= ENOUGH || node.is_open() || (value.is_null() && node.allows_null()) {
        return;
    }
    let branches = node.branches();
    let fitting = branches.iter().find(|branch| fits(value, **branch));
    let Some(branch) = fitting.copied() else {
        issues.push(mismatch(value, &branches, path));
        return;
    };
    if let Some(words) = branch.words() {
        if !value.as_str().is_some_and(|text| words.contains(&text)) {
            issues.push(mismatch(value, &branches, path));
        }
        return;
    }
    if let Some(name) = branch.0.get(SCALAR).and_then(Value::as_str) {
        if let Err(expected) = scalar::check(name, value) {
            issues.push(Issue::new(path, format!("expected {expected}, found {}", found(value, &branches))));
        }
        return;
    }
    match value {
        Value::Number(number) => {
            let (min, max) = (branch.number("minimum"), branch.number("maximum"));
            let number = number.as_f64().unwrap_or(f64::NAN);
            if min.is_some_and(|min| number < min) || max.is_some_and(|max| number > max) {
                issues.push(Issue::new(path, format!("expected {}, found {value}", expected(&branches))));
            }
        }
        Value::String(text) if text.is_empty() && branch.number("minLength").is_some() => {
            issues.push(Issue::new(path, "must not be empty"));
        }
        Value::Array(items) => {
            let Some(node) = branch.items() else { return };
            for (index, inner) in items.iter().enumerate() {
                check_node(inner, node, &value::item(path, index), root, issues);
            }
        }
        Value::Object(object) => check_object(object, branch, path, root, issues),
        _ => {}
    }
}

fn check_object(object: &Map<String, Value>, node: Node<'_>, path: &str, root: Node<'_>, issues: &mut Vec<Issue>) {
    for (key, inner) in object {
        if issues.len() >= ENOUGH {
            return;
        }
        let inner_path = value::join(path, key);
        match node.property(key) {
            Some(node) => check_node(inner, node, &inner_path, root, issues),
            None => issues.push(Issue::new(inner_path, "unknown key").suggesting(suggest(key, node, root))),
        }
    }
    for key in node.required() {
        if !object.contains_key(key) {
            issues.push(Issue::new(value::join(path, key), "is missing"));
        }
    }
}

/// Whether the value is of a JSON type that the branch allows.
fn fits(value: &Value, branch: Node<'_>) -> bool {
    if branch.is_open() {
        return true;
    }
    if branch.words().is_some() {
        return value.is_string();
    }
    let types = branch.types();
    let allows = |name| types.contains(&name);
    match value {
        Value::Null => allows("null"),
        Value::Bool(_) => allows("boolean"),
        Value::Number(number) => allows("number") || (allows("integer") && (number.is_u64() || number.is_i64())),
        Value::String(_) => allows("string"),
        Value::Array(_) => allows("array"),
        Value::Object(_) => allows("object"),
    }
}

fn mismatch(value: &Value, branches: &[Node<'_>], path: &str) -> Issue {
    let words: Vec<&str> = branches.iter().filter_map(|branch| branch.words()).flatten().collect();
    let suggestion = value.as_str().and_then(|text| nearest(text, words.iter().copied())).map(str::to_owned);
    Issue::new(path, format!("expected {}, found {}", expected(branches), found(value, branches)))
        .allowing(words)
        .suggesting(suggestion)
}

/// What the branches ask for, for people.
fn expected(branches: &[Node<'_>]) -> String {
    let mut parts = Vec::new();
    for branch in branches {
        if branch.words().is_some() {
            parts.push("one of the allowed words".to_owned());
            continue;
        }
        let (min, max) = (branch.number("minimum"), branch.number("maximum"));
        let range = match (min, max) {
            (Some(min), Some(max)) => format!(" from {min} to {max}"),
            (Some(min), None) => format!(" of at least {min}"),
            (None, Some(max)) => format!(" of at most {max}"),
            (None, None) => String::new(),
        };
        parts.extend(branch.types().into_iter().map(|name| match name {
            "boolean" => "true or false".to_owned(),
            "integer" => format!("a whole number{range}"),
            "number" => format!("a number{range}"),
            "string" => "text".to_owned(),
            "array" => "a list".to_owned(),
            "object" => "an object".to_owned(),
            other => other.to_owned(),
        }));
    }
    parts.dedup();
    parts.join(" or ")
}

/// What was found, for people. A value is shown only where it cannot be a secret: no text but a short word in the place
/// of a word, nothing in the place of a secret.
fn found(value: &Value, branches: &[Node<'_>]) -> String {
    let secret = branches.iter().any(|branch| branch.is_secret());
    let word = branches.iter().any(|branch| branch.words().is_some());
    match value {
        Value::Bool(_) | Value::Number(_) if !secret => value.to_string(),
        Value::String(text) if text.is_empty() => "empty text".to_owned(),
        Value::String(text)
            if word && text.len() <= 16 && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:".contains(c)) =>
        {
            format!("\"{text}\"")
        }
        other => value::kind(other).to_owned(),
    }
}

/// The key that was probably meant: a sibling, else the only place elsewhere that has a key of this very name.
fn suggest(key: &str, node: Node<'_>, root: Node<'_>) -> Option<String> {
    if let Some(sibling) = nearest(key, node.properties()?.keys().map(String::as_str)) {
        return Some(sibling.to_owned());
    }
    let mut elsewhere = Vec::new();
    places(root, "", key, &mut elsewhere);
    match elsewhere.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    }
}

fn places(node: Node<'_>, path: &str, key: &str, found: &mut Vec<String>) {
    for branch in node.branches() {
        for (name, inner) in branch.properties().into_iter().flatten() {
            let inner_path = value::join(path, name);
            if name.eq_ignore_ascii_case(key) {
                found.push(inner_path.clone());
            }
            places(Node(inner), &inner_path, key, found);
        }
    }
}

/// The candidate that is close enough to be what was meant.
fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Long words are nobody's typing mistake, and the distance costs their square.
    if word.len() > 64 {
        return None;
    }
    let word = word.to_lowercase();
    candidates
        .map(|candidate| (strsim::damerau_levenshtein(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests;

//! Paths into JSON values.

use serde_json::{Map, Value};

/// The path of `key` inside `base`; keys that are not plain words are quoted.
pub(crate) fn join(base: &str, key: &str) -> String {
    match (base.is_empty(), is_plain(key)) {
        (true, true) => key.to_owned(),
        (false, true) => format!("{base}.{key}"),
        (_, false) => format!("{base}[{}]", Value::from(key.chars().take(64).collect::<String>())),
    }
}

/// Whether a key stands in a path as it is.
pub(crate) fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// The path of the item at `index` inside `base`.
pub(crate) fn item(base: &str, index: usize) -> String {
    format!("{base}[{index}]")
}

/// What a value is, for people.
pub(crate) const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The value at a dotted path of object keys.
pub(crate) fn get<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, key| value.get(key))
}

/// Takes the value at a dotted path of object keys out, and its parents when that leaves them empty.
pub(crate) fn take(value: &mut Value, path: &str) -> Option<Value> {
    let object = value.as_object_mut()?;
    let Some((key, rest)) = path.split_once('.') else { return object.remove(path) };
    let inner = object.get_mut(key)?;
    let taken = take(inner, rest)?;
    if inner.as_object().is_some_and(Map::is_empty) {
        object.remove(key);
    }
    Some(taken)
}

/// Puts a value at a dotted path of object keys. Gives it back when a parent is not an object.
pub(crate) fn put(value: &mut Value, path: &str, new: Value) -> Result<(), Value> {
    let Some(object) = value.as_object_mut() else { return Err(new) };
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), new);
            Ok(())
        }
        Some((key, rest)) => put(object.entry(key).or_insert_with(|| Value::Object(Map::new())), rest, new),
    }
}

/// Every place that a pattern names: dotted keys, `*` for any key, a trailing `[]` for every item of a list.
pub(crate) fn find<'a>(value: &'a Value, pattern: &str) -> Vec<(String, &'a Value)> {
    let mut found = vec![(String::new(), value)];
    for part in pattern.split('.') {
        let (key, each) = part.strip_suffix("[]").map_or((part, false), |key| (key, true));
        let mut next = Vec::new();
        for (base, value) in found {
            let Some(object) = value.as_object() else { continue };
            for (name, inner) in object.iter().filter(|(name, _)| key == "*" || *name == key) {
                let path = join(&base, name);
                match inner.as_array().filter(|_| each) {
                    Some(items) => {
                        next.extend(items.iter().enumerate().map(|(index, value)| (item(&path, index), value)));
                    }
                    None if each => {}
                    None => next.push((path, inner)),
                }
            }
        }
        found = next;
    }
    found
}

/// Calls `visit` with the path of every string in the value.
pub(crate) fn each_string(value: &Value, path: &str, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => visit(path, text),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| each_string(value, &item(path, index), visit));
        }
        Value::Object(object) => object.iter().for_each(|(key, value)| each_string(value, &join(path, key), visit)),
        _ => {}
    }
}

/// How deep objects and lists are nested in the value; 0 for a leaf.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

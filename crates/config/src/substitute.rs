//! `${NAME}` in strings becomes the environment variable's value, once; `$${NAME}` stays `${NAME}`.

use openclaw_core::Environment;
use serde_json::Value;

use crate::{Issue, value};

/// Most bytes that all substitutions together may yield.
const MAX_EXPANDED: usize = 4 << 20;

/// Replaces references in every string under `value`. What a variable holds is not looked at again.
pub(crate) fn substitute(value: &mut Value, environment: &Environment, issues: &mut Vec<Issue>) {
    let mut left = MAX_EXPANDED;
    walk(value, "", environment, &mut left, issues);
}

/// Whether the text is nothing but one reference, so that it holds no secret itself.
pub(crate) fn is_reference(text: &str) -> bool {
    text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).is_some_and(is_name)
}

fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn walk(value: &mut Value, path: &str, environment: &Environment, left: &mut usize, issues: &mut Vec<Issue>) {
    match value {
        Value::String(text) if text.contains("${") => match expand(text, environment, left) {
            Ok(expanded) => *text = expanded,
            Err(message) => issues.push(Issue::new(path, message)),
        },
        Value::Array(items) => {
            for (index, value) in items.iter_mut().enumerate() {
                walk(value, &value::item(path, index), environment, left, issues);
            }
        }
        Value::Object(object) => {
            for (key, value) in object {
                walk(value, &value::join(path, key), environment, left, issues);
            }
        }
        _ => {}
    }
}

fn expand(text: &str, environment: &Environment, left: &mut usize) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let (before, reference) = rest.split_at(start);
        let end = reference.find('}').ok_or("a `${` without its `}`; write `$${` for the characters themselves")?;
        if let Some(before) = before.strip_suffix('$') {
            expanded.push_str(before);
            expanded.push_str(&reference[..=end]);
        } else {
            let name = &reference[2..end];
            if !is_name(name) {
                return Err("what stands in `${…}` is not the name of an environment variable; write `$${…}` for the characters themselves".into());
            }
            let found =
                environment.get(name).ok_or_else(|| format!("the environment variable {name} is not set or empty"))?;
            *left = left.checked_sub(found.len()).ok_or("environment variables expand to more than 4 MiB")?;
            expanded.push_str(before);
            expanded.push_str(found);
        }
        rest = &reference[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests;

//! Paths of keys, as issues print them and people type them: `gateway.port`, `agents.list[0].id`, `channels["odd name"]`.

use std::{fmt, str::FromStr};

use serde_json::Value;

use crate::{MAX_DEPTH, value};

/// Longest path as text, in bytes.
const MAX_LEN: usize = 4096;

/// Where a value stands in a configuration. Never empty.
///
/// Written as keys joined by dots, with `[n]` for the item of a list (counted from 0) and `["…"]`, a JSON string, for a key
/// that is not a plain word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyPath(Vec<Step>);

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The value of a key. Where a list stands, a key of digits means the item of that number.
    Key(String),
    /// The item of a list, from 0.
    Index(usize),
}

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a path of a key: {problem}; write it as in gateway.port, agents.list[0].id or channels[\"odd name\"]")]
pub struct PathError {
    problem: String,
}

impl PathError {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into() }
    }
}

impl KeyPath {
    /// The path of these steps.
    ///
    /// # Errors
    /// [`PathError`] when there is none, or there are more than [`MAX_DEPTH`].
    pub fn new(steps: Vec<Step>) -> Result<Self, PathError> {
        if steps.is_empty() {
            return Err(PathError::new("it is empty"));
        }
        if steps.len() > MAX_DEPTH {
            return Err(PathError::new(format!("it has more than {MAX_DEPTH} parts")));
        }
        Ok(Self(steps))
    }

    /// Its steps, from the outermost.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The value it leads to.
    #[must_use]
    pub fn get<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |value, step| match (value, step) {
            (Value::Array(items), Step::Index(index)) => items.get(*index),
            (Value::Array(items), Step::Key(digits)) => digits.parse::<usize>().ok().and_then(|index| items.get(index)),
            (value, Step::Key(key)) => value.get(key),
            _ => None,
        })
    }

    /// This path, followed by `step`.
    pub(crate) fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    pub(crate) const fn from_steps(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if !value::is_plain(key) => write!(f, "[{}]", Value::from(key.as_str()))?,
                Step::Key(key) if number == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

impl FromStr for KeyPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.len() > MAX_LEN {
            return Err(PathError::new(format!("it is longer than {MAX_LEN} bytes")));
        }
        let mut steps = Vec::new();
        let mut rest = text;
        // A bracket stands right behind what it belongs to; a word needs a dot, unless it is the first.
        while !rest.is_empty() {
            if let Some(inside) = rest.strip_prefix('[') {
                let (step, after) = bracket(inside)?;
                steps.push(step);
                rest = after;
                continue;
            }
            let word = match (steps.is_empty(), rest.strip_prefix('.')) {
                (true, None) => rest,
                (false, Some(word)) => word,
                (true, Some(_)) => return Err(PathError::new("it begins with a dot")),
                (false, None) => return Err(PathError::new("after a `]` comes a dot or a `[`")),
            };
            let end = word.find(['.', '[']).unwrap_or(word.len());
            if end == 0 {
                return Err(PathError::new("a part between dots is empty"));
            }
            if word[..end].contains(['"', ']']) || word[..end].chars().any(char::is_control) {
                return Err(PathError::new("a key with quotes, brackets or control characters stands in `[\"…\"]`"));
            }
            steps.push(Step::Key(word[..end].to_owned()));
            rest = &word[end..];
        }
        Self::new(steps)
    }
}

/// What stands in brackets, and what follows them.
fn bracket(inside: &str) -> Result<(Step, &str), PathError> {
    if inside.starts_with('"') {
        let mut strings = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let Some(Ok(key)) = strings.next() else {
            return Err(PathError::new("what stands in `[\"…\"]` is not a JSON string"));
        };
        let after = inside[strings.byte_offset()..].strip_prefix(']');
        return Ok((Step::Key(key), after.ok_or_else(|| PathError::new("a `[` without its `]`"))?));
    }
    let (number, after) = inside.split_once(']').ok_or_else(|| PathError::new("a `[` without its `]`"))?;
    let index =
        number.parse().map_err(|_| PathError::new("what stands in `[…]` is neither a number nor a JSON string"))?;
    Ok((Step::Index(index), after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> KeyPath {
        text.parse().unwrap()
    }

    #[test]
    fn paths_are_read_and_print_back() {
        for text in [
            "gateway.port",
            "agents.list[0].id",
            r#"channels["odd name"].dmPolicy"#,
            r#"["a.b"]["]"][3]"#,
            "$include",
            "über",
        ] {
            assert_eq!(path(text).to_string(), text);
        }
        assert_eq!(path(r#"a["b"]"#).to_string(), "a.b");
        assert_eq!(path("agents.list.0").steps()[2], Step::Key("0".into()));
    }

    #[test]
    fn what_is_no_path_is_refused_with_the_reason() {
        for text in [
            "", ".", ".a", "a.", "a..b", "a[", "a[x]", "a[0", "a[\"b]", "a[\"b\"", "a[0]b", "a\"b", "a]", "a[-1]",
            "a\u{7}",
        ] {
            let error = text.parse::<KeyPath>().unwrap_err().to_string();
            assert!(error.starts_with("not a path of a key: "), "{text}: {error}");
        }
        assert!("a.".repeat(3000).parse::<KeyPath>().is_err());
        assert!(vec!["a"; MAX_DEPTH + 1].join(".").parse::<KeyPath>().is_err());
    }

    #[test]
    fn a_path_leads_to_its_value() {
        let document = json!({ "a": [{ "b c": 1 }] });
        assert_eq!(path(r#"a[0]["b c"]"#).get(&document), Some(&json!(1)));
        assert_eq!(path(r#"a.0["b c"]"#).get(&document), Some(&json!(1)));
        assert_eq!(path("a[1]").get(&document), None);
        assert_eq!(path("a.b").get(&document), None);
    }
}

//! Text to a JSON value, within bounds, with every key written once.

use std::{cell::RefCell, fmt, path::Path};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{ConfigError, value};

/// Largest configuration, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting of objects and lists.
pub const MAX_DEPTH: usize = 64;
/// Most values in a configuration, after aliases are expanded.
const MAX_NODES: usize = 100_000;
/// Most bytes of text in a configuration, after aliases are expanded.
const MAX_TEXT: usize = 4 * MAX_BYTES;

/// How a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON with comments, bare keys, single quotes and trailing commas.
    Json5,
    /// YAML 1.2.
    Yaml,
}

impl Format {
    /// The format that the file's ending names.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "json" | "json5" => Some(Self::Json5),
            "yml" | "yaml" => Some(Self::Yaml),
            _ => None,
        }
    }
}

/// Parses `text` within the bounds of a configuration, without asking what it says. Blank text and a document that holds only
/// comments count as `{}`.
///
/// # Errors
/// [`ConfigError::TooLarge`] and [`ConfigError::Syntax`].
pub fn parse(text: &str, format: Format) -> Result<Value, ConfigError> {
    if text.len() > MAX_BYTES {
        return Err(ConfigError::TooLarge);
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if let Some(offset) = text.find('\0') {
        let before = &text[..offset];
        let line = 1 + before.matches('\n').count();
        let column = 1 + before.chars().rev().take_while(|c| *c != '\n').count();
        return Err(ConfigError::Syntax { message: "the text holds a NUL character".into(), line, column });
    }
    let reading = RefCell::new(Reading::default());
    let seed = Seed { reading: &reading, depth: 0 };
    let (parsed, line, column, message) = match format {
        Format::Json5 if is_blank_json5(text) => return Ok(Value::Object(Map::new())),
        Format::Json5 => match json5(text, seed) {
            Ok(parsed) => return root(parsed),
            Err(error) => {
                let (line, column) = error.position().map_or((0, 0), |at| (at.line + 1, at.column + 1));
                // Only codes are shown: any other text of the parser may quote the file, which holds secrets.
                (None, line, column, error.code().map(|code| code.to_string()))
            }
        },
        Format::Yaml => match yaml(text, seed) {
            Ok(parsed) => (Some(parsed), 0, 0, None),
            Err(error) => {
                let (line, column) = error.location().map_or((0, 0), |at| (as_usize(at.line()), as_usize(at.column())));
                (None, line, column, Some(yaml_problem(&error).to_owned()))
            }
        },
    };
    if let Some(parsed) = parsed {
        return root(parsed);
    }
    let message = reading.into_inner().refusal.or(message).unwrap_or_else(|| "not well-formed JSON5".to_owned());
    Err(ConfigError::Syntax { message, line, column })
}

/// What is wrong with YAML, in our words: the parser's own may quote the file, which holds secrets.
fn yaml_problem(error: &serde_saphyr::Error) -> &'static str {
    use serde_saphyr::Error;
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => yaml_problem(error),
        Error::DuplicateMappingKey { .. } => "a key is written twice in the same place",
        Error::MultipleDocuments { .. } => "more than one document (`---`)",
        Error::UnknownAnchor { .. } => "an alias (`*name`) without its anchor (`&name`)",
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => "nested too deeply, or too many values, anchors or aliases",
        _ => "not well-formed YAML",
    }
}

fn root(parsed: Value) -> Result<Value, ConfigError> {
    match parsed {
        Value::Null => Ok(Value::Object(Map::new())),
        Value::Object(_) => Ok(parsed),
        other => Err(ConfigError::Syntax {
            message: format!("the outermost value must be an object, found {}", value::kind(&other)),
            line: 1,
            column: 1,
        }),
    }
}

fn json5(text: &str, seed: Seed<'_>) -> Result<Value, json5::Error> {
    /// Hands a seed to an entry point that only takes types, and keeps its check for trailing text.
    struct Tail;
    impl<'de> serde::Deserialize<'de> for Tail {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            serde::de::IgnoredAny::deserialize(deserializer).map(|_| Self)
        }
    }
    let value = seed.deserialize(&mut json5::Deserializer::from_str(text))?;
    // The second pass refuses text after the value, which the bare deserializer leaves unread. Nesting was bounded by the first.
    json5::from_str::<Tail>(text).map(|_| value)
}

fn yaml(text: &str, seed: Seed<'_>) -> Result<Value, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 4 * MAX_NODES,
            max_aliases: 1000,
            max_anchors: 1000,
            max_documents: 2,
            max_recorded_anchor_events: MAX_NODES,
            max_recorded_anchor_bytes: MAX_TEXT,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_NODES, max_replay_stack_depth: 16, max_alias_expansions_per_anchor: 1000 },
        // `off` and `on` are words here (`tailscale.mode: off`), as YAML 1.2 has it.
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::with_deserializer_from_str_with_options(text, options, |deserializer| seed.deserialize(deserializer))
}

fn as_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

/// Whether the text holds nothing but white space and whole-line comments.
fn is_blank_json5(text: &str) -> bool {
    text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("//"))
}

#[derive(Default)]
struct Reading {
    nodes: usize,
    text: usize,
    path: String,
    refusal: Option<String>,
}

/// Builds a value, counting what it builds.
#[derive(Clone, Copy)]
struct Seed<'a> {
    reading: &'a RefCell<Reading>,
    depth: usize,
}

impl Seed<'_> {
    fn refuse<E: serde::de::Error>(self, message: String) -> E {
        self.reading.borrow_mut().refusal.get_or_insert(message);
        E::custom("refused")
    }

    fn count<E: serde::de::Error>(self, text: usize) -> Result<(), E> {
        let mut reading = self.reading.borrow_mut();
        reading.nodes += 1;
        reading.text += text;
        let (nodes, text) = (reading.nodes, reading.text);
        drop(reading);
        if nodes > MAX_NODES {
            return Err(self.refuse(format!("more than {MAX_NODES} values")));
        }
        if text > MAX_TEXT {
            return Err(self.refuse(format!("more than {MAX_TEXT} bytes of text once aliases are expanded")));
        }
        Ok(())
    }

    fn inside<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(self.refuse(format!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Value, E> {
        self.count(0).map(|()| Value::Null)
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<Value, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<Value, E> {
        self.count(0).map(|()| Value::Bool(flag))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Value, E> {
        self.count(0).map(|()| number.into())
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Value, E> {
        self.count(0).map(|()| number.into())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        self.count(0)?;
        match Number::from_f64(number) {
            Some(number) => Ok(Value::Number(number)),
            None => Err(self.refuse("a number must be finite".into())),
        }
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Value, E> {
        self.count(text.len()).map(|()| Value::String(text.to_owned()))
    }

    fn visit_string<E: serde::de::Error>(self, text: String) -> Result<Value, E> {
        self.count(text.len()).map(|()| Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.count(0)?;
        let inside = self.inside()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inside)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.count(0)?;
        let inside = self.inside()?;
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            self.count::<A::Error>(key.len())?;
            let outer = self.reading.borrow().path.clone();
            let path = value::join(&outer, &key);
            if object.contains_key(&key) {
                return Err(self.refuse(format!("the key `{path}` is written twice")));
            }
            self.reading.borrow_mut().path = path;
            let entry = entries.next_value_seed(inside)?;
            self.reading.borrow_mut().path = outer;
            object.insert(key, entry);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests;

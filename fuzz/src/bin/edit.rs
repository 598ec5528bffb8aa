//! Any edits of any text, in both formats.
//!
//! The input is a configuration, a zero byte, and a merge patch in JSON or a path. Never panics or hangs; a text that was
//! edited means what the patch made of its value; an edit that changes nothing leaves every byte; and the same edit again
//! changes nothing more.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_config::{ConfigError, Edit, Format, KeyPath, edit, parse_str};
use openclaw_core::Environment;
use serde_json::Value;

fuzz_target!(|input: &str| {
    let Some((text, patch)) = input.split_once('\0') else { return };
    let Ok(patch) = serde_json::from_str::<Value>(patch) else {
        // Not a patch, so perhaps a path: it prints what it reads.
        if let Ok(path) = patch.parse::<KeyPath>() {
            assert_eq!(path.to_string().parse::<KeyPath>().as_ref(), Ok(&path));
        }
        return;
    };
    for format in [Format::Json5, Format::Yaml] {
        let Some(before) = value(text, format) else { continue };
        let merge = [Edit::Merge { path: None, patch: patch.clone() }];
        let Ok(new) = edit(text, format, &merge) else { continue };
        let mut after = before.clone();
        if patch.is_object() {
            json_merge(&mut after, &patch);
        }
        assert_eq!(value(&new, format), Some(after.clone()), "{new}");
        assert_eq!(edit(&new, format, &merge).ok().as_ref(), Some(&new), "the same again changes nothing");
        if after == before {
            assert_eq!(new, text, "nothing changes, and not a byte does");
        }
    }
});

/// The document as it is written; `None` when it cannot be parsed.
fn value(text: &str, format: Format) -> Option<Value> {
    match parse_str(text, format, &Environment::default()) {
        Ok(parsed) => Some(parsed.parsed),
        Err(ConfigError::Invalid(invalid)) => Some(invalid.parsed),
        Err(_) => None,
    }
}

/// RFC 7396, as its text has it.
fn json_merge(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (key, value) in patch {
        if value.is_null() {
            target.remove(key);
        } else {
            json_merge(target.entry(key.clone()).or_insert(Value::Null), value);
        }
    }
}

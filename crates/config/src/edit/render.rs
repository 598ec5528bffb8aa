//! Values as text.

use serde_json::Value;

use super::tree::Style;
use crate::Format;

/// Longest list that is written on one line, in bytes.
const SHORT: usize = 72;

/// A value on one line.
pub(super) fn inline(value: &Value, style: Style) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| inline(item, style)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(object) if object.is_empty() => "{}".to_owned(),
        Value::Object(object) => {
            let entries: Vec<String> =
                object.iter().map(|(name, inner)| format!("{}: {}", key(name, style), inline(inner, style))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::String(text) if style.format == Format::Yaml && is_plain(text) => text.clone(),
        Value::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// A value in the place of `old`, in the same quotes where they fit.
pub(super) fn like(old: &str, value: &Value, style: Style) -> String {
    match value {
        Value::String(text)
            if old.starts_with('\'')
                && !text.contains(['\'', '\\'])
                && text.chars().all(|c| (' '..='~').contains(&c)) =>
        {
            format!("'{text}'")
        }
        Value::String(text) if old.starts_with('"') => quoted(text),
        other => inline(other, style),
    }
}

/// A key as it is written.
pub(super) fn key(name: &str, style: Style) -> String {
    let bare = match style.format {
        Format::Json5 => style.bare_keys && is_identifier(name),
        Format::Yaml => is_plain(name),
    };
    if bare { name.to_owned() } else { quoted(name) }
}

/// A value of JSON5 on as many lines as are good to read; the first continues a line that is indented by `indent`.
pub(super) fn lines(value: &Value, indent: &str, style: Style) -> String {
    let inner = format!("{indent}{}", " ".repeat(style.unit));
    let (open, close, members): (_, _, Vec<String>) = match value {
        Value::Object(object) if !object.is_empty() => {
            let entry =
                |(name, inside): (&String, &Value)| format!("{}: {}", key(name, style), lines(inside, &inner, style));
            ('{', '}', object.iter().map(entry).collect())
        }
        Value::Array(items) if !is_short(value, style) => {
            ('[', ']', items.iter().map(|item| lines(item, &inner, style)).collect())
        }
        other => return inline(other, style),
    };
    let eol = style.eol;
    let last = if style.bare_keys { "," } else { "" };
    format!("{open}{eol}{inner}{}{last}{eol}{indent}{close}", members.join(&format!(",{eol}{inner}")))
}

/// A key with its value in YAML's block style; every line but the first is indented by at least `indent`.
pub(super) fn block_entry(name: &str, value: &Value, indent: usize, style: Style) -> String {
    format!("{}:{}", key(name, style), block_value(value, indent, style))
}

/// What follows the colon of a key that is indented by `indent`.
pub(super) fn block_value(value: &Value, indent: usize, style: Style) -> String {
    let (eol, inner) = (style.eol, indent + style.unit);
    let margin = " ".repeat(inner);
    let members: Vec<String> = match value {
        Value::Object(object) if !object.is_empty() => {
            object.iter().map(|(name, inside)| block_entry(name, inside, inner, style)).collect()
        }
        Value::Array(items) if !is_short(value, style) => {
            items.iter().map(|item| format!("- {}", block_item(item, inner, style))).collect()
        }
        other => return format!(" {}", inline(other, style)),
    };
    members.iter().map(|member| format!("{eol}{margin}{member}")).collect()
}

/// What follows the `- ` of an item whose dash is indented by `indent`.
pub(super) fn block_item(value: &Value, indent: usize, style: Style) -> String {
    match value {
        Value::Object(object) if !object.is_empty() => {
            let inner = indent + 2;
            let entries: Vec<String> =
                object.iter().map(|(name, inside)| block_entry(name, inside, inner, style)).collect();
            entries.join(&format!("{}{}", style.eol, " ".repeat(inner)))
        }
        other => inline(other, style),
    }
}

fn is_short(value: &Value, style: Style) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(|item| !item.is_object() && !item.is_array()))
        && inline(value, style).len() <= SHORT
}

/// Text in double quotes, as JSON, JSON5 and YAML all read it.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        // YAML takes these for line breaks or for no text at all, JSON5 warns of two of them.
        if matches!(c, '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') {
            quoted.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            quoted.push(c);
        }
    }
    quoted
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == '$')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'$')
}

/// Whether YAML takes the text for itself without quotes, wherever it stands. Not every such text is found.
fn is_plain(text: &str) -> bool {
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let bytes = text.as_bytes();
    let fits = |(at, byte): (usize, &u8)| match byte {
        b' ' => bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric),
        b':' => bytes.get(at + 1).is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'/'),
        byte => byte.is_ascii_alphanumeric() || b"_/.-@+$".contains(byte),
    };
    text.len() <= 256
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_' || c == '$')
        && bytes.iter().enumerate().all(fits)
        && !words.contains(&text.to_ascii_lowercase().as_str())
}

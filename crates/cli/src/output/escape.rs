//! Foreign text may not steer a terminal, nor show other letters than it holds.

use std::borrow::Cow;

/// Whether a character moves the cursor, turns the direction of writing, ends the line where nobody expects it, or cannot
/// be seen at all.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}')
}

fn escape(text: &str, keep: impl Fn(char) -> bool, shown: impl Fn(char) -> String) -> Cow<'_, str> {
    if !text.contains(|c| is_unsafe(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) && !keep(c) { escaped.push_str(&shown(c)) } else { escaped.push(c) }
    }
    Cow::Owned(escaped)
}

/// Text of one line: what steers is shown as `\u{1b}`, line ends and tabs as spaces.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false, |c| if matches!(c, '\n' | '\t') { " ".to_owned() } else { unicode(c) })
}

/// Text of several lines: what steers is shown as `\u{1b}`.
pub(crate) fn block(text: &str) -> Cow<'_, str> {
    escape(text, |c| matches!(c, '\n' | '\t'), unicode)
}

/// A JSON text that means the same. Such characters stand inside its strings alone, where JSON has its own escapes.
pub(crate) fn json(text: &str) -> Cow<'_, str> {
    let keep = |c: char| matches!(c, '\n' | '\t' | '\r');
    escape(text, keep, |c| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect())
}

fn unicode(c: char) -> String {
    format!("\\u{{{:x}}}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(line("a\x1b[31m\u{9b}b\nc\td"), r"a\u{1b}[31m\u{9b}b c d");
        assert_eq!(block("a\x1b[2J\nb\tc\r"), "a\\u{1b}[2J\nb\tc\\u{d}");
        assert_eq!(line("pay\u{202e}cod.exe\u{2066}\u{feff}\u{e0041}"), r"pay\u{202e}cod.exe\u{2066}\u{feff}\u{e0041}");
        for plain in ["", "grün, 日本語, שלום, مرحبا", "👩‍💻 a—b"] {
            assert!(matches!(line(plain), Cow::Borrowed(same) if same == plain));
        }
    }

    #[test]
    fn json_means_the_same_after_it_was_made_safe() {
        let value = serde_json::json!({ "text": "a\u{1b}\u{9b}b\u{202e}\u{e0041}ü\n" });
        for written in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let safe = json(&written);
            assert!(!safe.contains(|c| is_unsafe(c) && c != '\n'), "{safe}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
        }
    }
}

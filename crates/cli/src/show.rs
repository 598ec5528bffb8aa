//! Numbers, times and foreign text for people's eyes.

use serde_json::Value;

/// How long ago a time was, or how long something took: two units at most.
pub(crate) fn span(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, _) => format!("{minutes}m {}s", seconds % 60),
        (0, _, _) => format!("{hours}h {minutes}m"),
        _ => format!("{days}d {hours}h"),
    }
}

/// The age of a time, or `-` when there is none.
pub(crate) fn age(now_ms: i64, then: Option<i64>) -> String {
    then.map_or_else(|| "-".to_owned(), |then| format!("{} ago", span(now_ms - then)))
}

/// A count with thousands as `k`.
pub(crate) fn count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..10_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// Text from elsewhere without anything that steers a terminal.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// A member of an object as one line of text, `-` when it is absent.
pub(crate) fn text(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => "-".to_owned(),
        Some(Value::String(text)) => clean(text).replace(['\n', '\t'], " "),
        Some(Value::Array(items)) => {
            let words: Vec<String> =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), clean)).collect();
            words.join(",")
        }
        Some(other) => other.to_string(),
    }
}

/// The one entry whose identifier begins with `prefix`.
pub(crate) fn unique<'a>(ids: &[&'a str], prefix: &str) -> Result<&'a str, String> {
    if let Some(exact) = ids.iter().find(|id| **id == prefix) {
        return Ok(exact);
    }
    let found: Vec<&&str> = ids.iter().filter(|id| !prefix.is_empty() && id.starts_with(prefix)).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(format!("nothing begins with \"{}\"", clean(prefix))),
        many => Err(format!("\"{}\" stands for {} of them; give more of it", clean(prefix), many.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_two_units_at_most() {
        let shown: Vec<String> = [-5, 900, 61_000, 3_660_000, 90_000_000].into_iter().map(span).collect();
        assert_eq!(shown, ["0s", "0s", "1m 1s", "1h 1m", "1d 1h"]);
        assert_eq!((age(5000, None), age(5000, Some(0))), ("-".to_owned(), "5s ago".to_owned()));
        assert_eq!((count(9_999), count(12_345), count(12_345_678)), ("9999".into(), "12k".into(), "12M".into()));
    }

    #[test]
    fn foreign_text_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[31m\u{9b}b\r\nc"), "a\u{fffd}[31m\u{fffd}b\u{fffd}\nc");
        let value = serde_json::json!({"a": "x\ny", "b": ["p", 1], "c": null, "d": 5});
        assert_eq!(["a", "b", "c", "d", "e"].map(|name| text(&value, name)), ["x y", "p,1", "-", "5", "-"]);
    }

    #[test]
    fn a_prefix_must_be_unique() {
        let ids = ["abc", "abd", "ab"];
        assert_eq!(unique(&ids, "ab"), Ok("ab"));
        assert_eq!(unique(&ids, "abd"), Ok("abd"));
        assert_eq!(unique(&["abc", "xyz"], "x"), Ok("xyz"));
        assert!(unique(&["abc", "abd"], "ab").unwrap_err().contains("2 of them"));
        assert!(unique(&ids, "q").unwrap_err().contains("nothing begins"));
        assert!(unique(&ids, "").is_err());
    }
}

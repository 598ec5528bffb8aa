//! Numbers and times for people's eyes.

use crate::output::Text;

/// How long something took: two units at most.
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

/// A time in RFC 3339, to the second, or `-`.
pub(crate) fn time(ms: Option<i64>) -> String {
    let at = ms.and_then(|ms| jiff::Timestamp::from_second(ms.div_euclid(1000)).ok());
    at.map_or_else(|| "-".to_owned(), |at| at.to_string())
}

/// A count with thousands as `k`.
pub(crate) fn count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..10_000_000 => format!("{}k", number / 1000),
        _ => format!("{}M", number / 1_000_000),
    }
}

/// A text, or `-` when there is none.
pub(crate) fn text(text: Option<&String>) -> Text {
    text.filter(|text| !text.is_empty()).map_or_else(|| "-".into(), Into::into)
}

/// Words with spaces between, or `-`.
pub(crate) fn words(words: &[String]) -> Text {
    if words.is_empty() { "-".into() } else { words.join(" ").into() }
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
        assert_eq!((time(Some(1_700_000_000_999)), time(None)), ("2023-11-14T22:13:20Z".into(), "-".into()));
    }
}

//! When a job is due, as people write it.

use openclaw_core::{
    Clock,
    cron::{Schedule, Zones},
};

use crate::failure::Failure;

/// Reads a length of time with its unit, or several: `20m`, `1h30m`, `1d`.
pub(in crate::commands) fn period(text: &str) -> Option<i64> {
    let mut rest = text.trim().trim_start_matches('+');
    if rest.is_empty() {
        return None;
    }
    let mut ms: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" => 1,
            "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return None,
        };
        ms = ms.checked_add(number.checked_mul(unit)?)?;
        rest = rest[letters..].trim_start();
    }
    Some(ms)
}

/// A moment: a length of time from now, or ISO 8601, which is read in `zone` or UTC when it has no offset.
pub(super) fn moment(text: &str, zone: Option<&str>) -> Result<String, Failure> {
    let ms = match period(text) {
        Some(ms) => Clock::system().now_ms().saturating_add(ms),
        None => Schedule::moment(text, &Zones::new(None), zone).map_err(|error| {
            Failure::usage(format!("--at {text}: {error}")).helped("a time from now works too: --at 20m")
        })?,
    };
    let at =
        jiff::Timestamp::from_millisecond(ms).map_err(|_| Failure::usage(format!("--at {text} is too far away")))?;
    Ok(format!("{at:.3}"))
}

/// What stands first behind `add`: a length of time, a moment, `every …`, or an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    At(String),
    Every(String),
    Cron(String),
}

pub(super) fn guess(text: &str) -> Guess {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("every ") {
        return Guess::Every(rest.to_owned());
    }
    let fields = text.split_whitespace().count();
    if text.starts_with('@') || (fields >= 5 && !text.contains('T')) {
        return Guess::Cron(text.to_owned());
    }
    Guess::At(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_units_and_may_have_several() {
        for (text, ms) in [
            ("20m", 1_200_000),
            ("+20m", 1_200_000),
            ("1h30m", 5_400_000),
            ("1d", 86_400_000),
            ("90s", 90_000),
            ("1h 5m", 3_900_000),
        ] {
            assert_eq!(period(text), Some(ms), "{text}");
        }
        for bad in ["", "20", "m", "1y", "-5m", "1.5h", "99999999999999999999d", "2027-01-01"] {
            assert_eq!(period(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_stands_first_is_recognised() {
        assert_eq!(guess("0 7 * * *"), Guess::Cron("0 7 * * *".to_owned()));
        assert_eq!(guess("@daily"), Guess::Cron("@daily".to_owned()));
        assert_eq!(guess("every 1h"), Guess::Every("1h".to_owned()));
        assert_eq!(guess("20m"), Guess::At("20m".to_owned()));
        assert_eq!(guess("2027-02-01T16:00:00Z"), Guess::At("2027-02-01T16:00:00Z".to_owned()));
        assert_eq!(moment("2027-02-01T16:00:00", Some("Europe/Berlin")).unwrap(), "2027-02-01T15:00:00.000Z");
        assert!(moment("tomorrow", None).unwrap_err().cause.contains("ISO 8601"));
        assert!(moment("2027-02-01T16:00:00", Some("Nowhere")).unwrap_err().cause.contains("no time zone"));
    }
}

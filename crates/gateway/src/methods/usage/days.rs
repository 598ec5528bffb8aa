//! Which days a caller means, and how what was used is told.

use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use openclaw_core::usage::Used;
use openclaw_store::UsageQuery;

use crate::methods::prelude::*;

/// Days when nothing is said, and at most.
const DAYS: i64 = 30;
const MOST_DAYS: i64 = 3660;
/// An hour, and the least by which zones differ, milliseconds.
const HOUR_MS: i64 = 3_600_000;
const QUARTER_MS: i64 = 900_000;
const DAY_MS: i64 = 86_400_000;

/// Days as a caller names them.
#[derive(Debug, Default)]
pub(in crate::methods) struct Named<'a> {
    /// `7d`, `30d`, `90d`, `1y`, `all`.
    pub(in crate::methods) range: Option<&'a str>,
    /// That many, the last of which is today.
    pub(in crate::methods) days: Option<i64>,
    /// `YYYY-MM-DD`.
    pub(in crate::methods) start: Option<&'a str>,
    /// `YYYY-MM-DD`; today when absent.
    pub(in crate::methods) end: Option<&'a str>,
    /// `UTC+2`, `UTC-3:30`.
    pub(in crate::methods) utc_offset: Option<&'a str>,
    /// `Europe/Berlin`: its offset today.
    pub(in crate::methods) time_zone: Option<&'a str>,
    /// `utc`, `gateway` (which keeps UTC, too) or `specific`.
    pub(in crate::methods) mode: Option<&'a str>,
}

/// Days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::methods) struct Days {
    /// Counted from 1970-01-01.
    pub(in crate::methods) first: i64,
    pub(in crate::methods) last: i64,
    pub(in crate::methods) offset_ms: i64,
}

impl Days {
    /// The days that are meant.
    pub(in crate::methods) fn of<M: Method>(named: &Named<'_>, now_ms: i64) -> Result<Self, WireError> {
        let bad = |name: &str, problem: String| {
            let text = format!("invalid {} params: at /{name}: {problem}", M::NAME);
            WireError::params(text).with("path", format!("params.{name}"))
        };
        let offset_ms = match (named.mode, named.utc_offset, named.time_zone) {
            (Some("utc" | "gateway"), ..) | (None | Some("specific"), None, None) => 0,
            (None | Some("specific"), Some(text), _) => match offset(text) {
                Some(offset) => offset,
                None => return Err(bad("utcOffset", format!("must be like UTC+2 or UTC-3:30, found \"{text}\""))),
            },
            (None | Some("specific"), None, Some(zone)) => match zone_offset(zone, now_ms) {
                Some(offset) => offset,
                None => {
                    return Err(bad("timeZone", format!("there is no zone \"{zone}\"; write it as in Europe/Berlin")));
                }
            },
            (Some(word), ..) => return Err(bad("mode", format!("must be utc, gateway or specific, found \"{word}\""))),
        };
        let today = (now_ms + offset_ms).div_euclid(DAY_MS);
        let day = |name: &str, text: Option<&str>, absent: i64| match text {
            None => Ok(absent),
            Some(text) => match number(text) {
                Some(day) => Ok(day),
                None => Err(bad(name, format!("must be a date as in 2026-02-28, found \"{text}\""))),
            },
        };
        let last = day("endDate", named.end, today)?;
        let count = match (named.range, named.days) {
            (None, None) => DAYS,
            (None, Some(days)) if (1..=MOST_DAYS).contains(&days) => days,
            (None, Some(days)) => return Err(bad("days", format!("must be 1 to {MOST_DAYS}, found {days}"))),
            (Some("7d"), _) => 7,
            (Some("30d"), _) => 30,
            (Some("90d"), _) => 90,
            (Some("1y"), _) => 365,
            (Some("all"), _) => MOST_DAYS,
            (Some(word), _) => return Err(bad("range", format!("must be 7d, 30d, 90d, 1y or all, found \"{word}\""))),
        };
        let first = day("startDate", named.start, last - count + 1)?;
        if first > last {
            return Err(bad("startDate", "must not lie after endDate".to_owned()));
        }
        if last - first >= MOST_DAYS {
            return Err(bad("startDate", format!("must lie at most {MOST_DAYS} days before endDate")));
        }
        Ok(Self { first, last, offset_ms })
    }

    /// What the store is asked.
    pub(in crate::methods) fn query(self, agent: Option<AgentId>) -> UsageQuery {
        UsageQuery { agent, first_day: self.first, last_day: self.last, offset_ms: self.offset_ms }
    }
}

const fn epoch() -> Date {
    date(1970, 1, 1)
}

/// The number of a day, counted from 1970-01-01.
fn number(text: &str) -> Option<i64> {
    let strict = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    let date: Date = strict.then(|| text.parse().ok()).flatten()?;
    epoch().until(date).ok().map(|span| i64::from(span.get_days()))
}

/// A day as `YYYY-MM-DD`.
pub(in crate::methods) fn text(day: i64) -> String {
    let days = jiff::Span::new().try_days(day).ok();
    days.and_then(|days| epoch().checked_add(days).ok()).unwrap_or(epoch()).to_string()
}

/// `UTC+5:30` in milliseconds.
fn offset(text: &str) -> Option<i64> {
    let rest = text.strip_prefix("UTC")?;
    if rest.is_empty() {
        return Some(0);
    }
    let sign = match rest.as_bytes()[0] {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = rest[1..].split_once(':').unwrap_or((&rest[1..], "0"));
    let digits = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(hours) || !digits(minutes) {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = hours * HOUR_MS + minutes * 60_000;
    (offset <= 14 * HOUR_MS && minutes < 60 && offset % QUARTER_MS == 0).then_some(sign * offset)
}

fn zone_offset(zone: &str, now_ms: i64) -> Option<i64> {
    let now = Timestamp::from_millisecond(now_ms).ok()?;
    let zone = TimeZone::get(zone).ok()?;
    Some(i64::from(zone.to_offset(now).seconds()) * 1000)
}

/// What was used.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::methods) struct Figures {
    /// Tokens sent, without those read from or written to a cache.
    input: u64,
    /// Tokens produced.
    output: u64,
    cache_read: u64,
    cache_write: u64,
    total_tokens: u64,
    /// US dollars.
    total_cost: f64,
    input_cost: f64,
    output_cost: f64,
    cache_read_cost: f64,
    cache_write_cost: f64,
    /// Turns of models without a known price.
    missing_cost_entries: u64,
}

impl From<&Used> for Figures {
    fn from(used: &Used) -> Self {
        Self {
            input: used.input,
            output: used.output,
            cache_read: used.cache_read,
            cache_write: used.cache_write,
            total_tokens: used.total,
            total_cost: used.cost,
            input_cost: used.cost_input,
            output_cost: used.cost_output,
            cache_read_cost: used.cost_cache_read,
            cache_write_cost: used.cost_cache_write,
            missing_cost_entries: used.unpriced,
        }
    }
}

/// What was used on one day.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(in crate::methods) struct DayFigures {
    /// `YYYY-MM-DD`.
    pub(in crate::methods) date: String,
    #[serde(flatten)]
    pub(in crate::methods) figures: Figures,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::methods::usage::cost::Cost;

    const NOW: i64 = 1_795_000_000_000;

    fn days(named: &Named<'_>) -> Result<(String, String, i64), String> {
        let days = Days::of::<Cost>(named, NOW).map_err(|error| error.message.into_owned())?;
        Ok((text(days.first), text(days.last), days.offset_ms))
    }

    #[test]
    fn days_are_named_in_many_ways() {
        let today = days(&Named::default()).unwrap();
        assert_eq!(today, ("2026-10-20".into(), "2026-11-18".into(), 0));
        let week = days(&Named { range: Some("7d"), ..Named::default() }).unwrap();
        assert_eq!(week.0, "2026-11-12");
        let named = Named {
            start: Some("2026-02-28"),
            end: Some("2026-03-01"),
            utc_offset: Some("UTC+5:45"),
            ..Named::default()
        };
        assert_eq!(days(&named).unwrap(), ("2026-02-28".into(), "2026-03-01".into(), 20_700_000));
        let zone = days(&Named { time_zone: Some("Asia/Tokyo"), ..Named::default() }).unwrap();
        assert_eq!(zone.2, 9 * HOUR_MS);
        assert_eq!(offset("UTC-3:30"), Some(-3 * HOUR_MS - HOUR_MS / 2));
        assert_eq!((number("1970-01-02"), number("1969-12-31")), (Some(1), Some(-1)));
    }

    #[test]
    fn what_is_no_day_is_refused_by_name() {
        for (named, word) in [
            (Named { start: Some("2026-02-30"), ..Named::default() }, "startDate"),
            (Named { end: Some("yesterday"), ..Named::default() }, "endDate"),
            (Named { end: Some("+002026-02-01"), ..Named::default() }, "endDate"),
            (Named { start: Some("2026-03-01"), end: Some("2026-02-01"), ..Named::default() }, "startDate"),
            (Named { start: Some("1999-01-01"), ..Named::default() }, "startDate"),
            (Named { days: Some(0), ..Named::default() }, "days"),
            (Named { range: Some("2d"), ..Named::default() }, "range"),
            (Named { utc_offset: Some("UTC+25"), ..Named::default() }, "utcOffset"),
            (Named { utc_offset: Some("UTC+1:10"), ..Named::default() }, "utcOffset"),
            (Named { utc_offset: Some("UTC+é"), ..Named::default() }, "utcOffset"),
            (Named { time_zone: Some("Mars/Base"), ..Named::default() }, "timeZone"),
            (Named { mode: Some("lunar"), ..Named::default() }, "mode"),
        ] {
            let refused = days(&named).unwrap_err();
            assert!(refused.contains(&format!("at /{word}:")), "{named:?}: {refused}");
        }
    }
}

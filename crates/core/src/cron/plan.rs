//! A schedule that was understood: when is it due next?

use std::str::FromStr;

use croner::{
    Cron,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    MIN_EVERY_MS, Schedule, ScheduleError, Zones,
    schedule::{MAX_EXPR_BYTES, MAX_MS},
};

/// Longest window over which jobs of one time are spread: a day.
const MAX_STAGGER_MS: i64 = 86_400_000;

/// A schedule that was understood.
///
/// A clock that goes forward skips times, and one that goes back repeats them. An expression that names one time of the
/// day is due once on such a day: when its time is skipped, at the first moment after the gap; when it is repeated, the
/// first time. An expression that repeats within the day (`*/30 * * * *`) is due whenever the clock shows one of its
/// times: not at those that are skipped, and at both of those that are repeated.
#[derive(Clone, Debug)]
pub struct Plan(Kind);

#[derive(Clone, Debug)]
enum Kind {
    At(i64),
    Every { every: i64, anchor: i64 },
    Cron { cron: Box<Cron>, zone: TimeZone, shift: i64 },
}

impl Plan {
    /// Understands a schedule. `place` is a number of the job by which it finds its place among those of one time.
    ///
    /// # Errors
    /// The field that cannot be used and why.
    pub fn new(schedule: &Schedule, zones: &Zones, place: u64) -> Result<Self, ScheduleError> {
        Ok(Self(match schedule {
            Schedule::At { at } => Kind::At(Schedule::moment(at, zones, None)?),
            Schedule::Every { every_ms, anchor_ms } => {
                if !(MIN_EVERY_MS..=MAX_MS).contains(every_ms) {
                    let what = format!("must be at least {MIN_EVERY_MS} (one second) and at most {MAX_MS}");
                    return Err(ScheduleError::new("everyMs", what));
                }
                if !(0..=MAX_MS).contains(anchor_ms) {
                    return Err(ScheduleError::new("anchorMs", format!("must be at least 0 and at most {MAX_MS}")));
                }
                Kind::Every { every: *every_ms, anchor: *anchor_ms }
            }
            Schedule::Cron { expr, tz, stagger_ms } => {
                let cron = Box::new(expression(expr)?);
                let zone = match tz {
                    Some(name) => zones.find(name).map_err(|error| ScheduleError::new("tz", error.to_string()))?,
                    None => zones.local().clone(),
                };
                let stagger = stagger_ms.unwrap_or(0);
                if !(0..=MAX_STAGGER_MS).contains(&stagger) {
                    let what = format!("must be at least 0 and at most {MAX_STAGGER_MS} (a day)");
                    return Err(ScheduleError::new("staggerMs", what));
                }
                let shift = if stagger == 0 { 0 } else { i64::try_from(place % stagger.unsigned_abs()).unwrap_or(0) };
                Kind::Cron { cron, zone, shift }
            }
        }))
    }

    /// The first occurrence after `ms`; `None` when there is none any more. Milliseconds since the epoch, both.
    #[must_use]
    pub fn next_after(&self, ms: i64) -> Option<i64> {
        let next = match &self.0 {
            Kind::At(at) => Some(*at),
            Kind::Every { every, anchor } => {
                // The anchor itself is the first one.
                let steps = (ms - anchor).div_euclid(*every) + 1;
                anchor.checked_add(every.checked_mul(steps.max(0))?)
            }
            Kind::Cron { cron, zone, shift } => {
                let after = Timestamp::from_millisecond(ms - shift).ok()?.to_zoned(zone.clone());
                let next = cron.find_next_occurrence(&after, false).ok()?;
                Some(next.timestamp().as_millisecond() + shift)
            }
        };
        next.filter(|next| *next > ms && *next <= MAX_MS)
    }

    /// Whether it is due at most once.
    #[must_use]
    pub const fn is_once(&self) -> bool {
        matches!(self.0, Kind::At(_))
    }

    /// How many occurrences lie after `from` and not after `until`, when that can be told without counting.
    pub(super) fn count(&self, from: i64, until: i64) -> Option<u64> {
        match &self.0 {
            Kind::At(at) => Some(u64::from(*at > from && *at <= until)),
            Kind::Every { every, anchor } => {
                // How many occurrences there are up to a moment.
                let up_to = |ms: i64| (ms - anchor).div_euclid(*every).saturating_add(1).max(0);
                u64::try_from(up_to(until) - up_to(from)).ok()
            }
            Kind::Cron { .. } => None,
        }
    }
}

/// Understands a cron expression: five fields, or six with the seconds first.
fn expression(expr: &str) -> Result<Cron, ScheduleError> {
    let refused = |what: String| ScheduleError::new("expr", what);
    let expr = expr.trim();
    if expr.is_empty() {
        return Err(refused("must not be empty; five fields are minute, hour, day, month and weekday".to_owned()));
    }
    if expr.len() > MAX_EXPR_BYTES {
        return Err(refused(format!("must not be longer than {MAX_EXPR_BYTES} bytes")));
    }
    if !expr.is_ascii() || expr.chars().any(|c| c.is_ascii_control() && c != '\t') {
        return Err(refused("must hold only plain letters, digits and * , - / ? # + @".to_owned()));
    }
    // "@reboot" names no time.
    let fields = expr.split_whitespace().count();
    if !expr.starts_with('@') && !matches!(fields, 5 | 6) {
        let what = format!(
            "has {fields} fields; five are minute, hour, day, month and weekday, and seconds may stand before them"
        );
        return Err(refused(what));
    }
    let parser = CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
    let cron = parser.parse(expr).map_err(|error| refused(told(&error)))?;
    if never(&cron) {
        let what = "never comes: no month has such a day".to_owned();
        return Err(refused(what));
    }
    Ok(cron)
}

/// Whether no day of the calendar fits. The calendar repeats after 400 years, and every combination of date and weekday
/// that occurs at all occurs within forty.
fn never(cron: &Cron) -> bool {
    // On a calendar without zones, so that the answer does not depend on where it is asked.
    let start = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0);
    cron.find_next_occurrence(&start, true).is_err()
}

/// What is wrong with an expression, without the library's own words for itself.
fn told(error: &CronError) -> String {
    match error {
        CronError::EmptyPattern => "must not be empty".to_owned(),
        CronError::InvalidDate | CronError::InvalidTime => "names a date or time that does not exist".to_owned(),
        CronError::TimeSearchLimitExceeded => "never comes".to_owned(),
        CronError::InvalidPattern(what) | CronError::IllegalCharacters(what) | CronError::ComponentError(what) => {
            let what: String = what.chars().filter(|c| !c.is_control()).take(160).collect();
            format!("cannot be read: {}", what.trim_end_matches('.'))
        }
    }
}

impl FromStr for Plan {
    type Err = ScheduleError;

    /// A bare expression in UTC.
    fn from_str(expr: &str) -> Result<Self, Self::Err> {
        Ok(Self(Kind::Cron { cron: Box::new(expression(expr)?), zone: TimeZone::UTC, shift: 0 }))
    }
}

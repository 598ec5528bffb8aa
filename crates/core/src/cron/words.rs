//! Schedules in plain language.

use jiff::Timestamp;

use super::{Schedule, Zones};

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A schedule as people say it: "every day at 09:00 Europe/Berlin". An expression that has no plain words is shown as it is.
#[must_use]
pub fn spoken(schedule: &Schedule, zones: &Zones) -> String {
    match schedule {
        Schedule::At { at } => match Schedule::moment(at, zones, None) {
            Ok(ms) => format!("once at {}", minute(ms)),
            Err(_) => format!("once at {at}"),
        },
        Schedule::Every { every_ms, .. } => format!("every {}", gap(*every_ms)),
        Schedule::Cron { expr, tz, .. } => {
            let zone = tz.as_deref().unwrap_or_else(|| zones.local_name());
            match calendar(expr) {
                Some((words, Clock::Wall)) => format!("{words} {zone}"),
                Some((words, Clock::Any)) => words,
                None => format!("cron \"{expr}\" {zone}"),
            }
        }
    }
}

/// Whether the zone matters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Clock {
    Wall,
    Any,
}

fn calendar(expr: &str) -> Option<(String, Clock)> {
    let fields: Vec<&str> = expr.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = <[&str; 5]>::try_from(fields).ok()?;
    if month != "*" {
        return None;
    }
    let any_day = day == "*" && weekday == "*";
    match (minute, hour) {
        ("*", "*") if any_day => return Some(("every minute".to_owned(), Clock::Any)),
        (minute, "*") if any_day => {
            if let Some(step) = step(minute, 60) {
                return Some((format!("every {step} minutes"), Clock::Any));
            }
            let minute: u8 = minute.parse().ok().filter(|minute| *minute < 60)?;
            return Some((format!("every hour at minute {minute}"), Clock::Any));
        }
        _ => {}
    }
    let minute: u8 = minute.parse().ok().filter(|minute| *minute < 60)?;
    if let Some(step) = step(hour, 24).filter(|_| any_day) {
        return Some((format!("every {step} hours at minute {minute}"), Clock::Wall));
    }
    let hour: u8 = hour.parse().ok().filter(|hour| *hour < 24)?;
    let when = match (day, weekday) {
        ("*", "*") => "every day".to_owned(),
        ("*", "1-5" | "MON-FRI" | "mon-fri") => "every weekday".to_owned(),
        ("*", "0,6" | "6,0" | "6-7") => "every Saturday and Sunday".to_owned(),
        ("*", weekday) => format!("every {}", name(weekday)?),
        (day, "*") => {
            let day: u8 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
            format!("on day {day} of every month")
        }
        _ => return None,
    };
    Some((format!("{when} at {hour:02}:{minute:02}"), Clock::Wall))
}

/// The step of `*/n`, when it divides the whole evenly.
fn step(field: &str, whole: u8) -> Option<u8> {
    field.strip_prefix("*/")?.parse().ok().filter(|step: &u8| *step > 1 && whole.is_multiple_of(*step))
}

fn name(weekday: &str) -> Option<&'static str> {
    if let Ok(number) = weekday.parse::<usize>() {
        return DAYS.get(number % 7).copied().filter(|_| number <= 7);
    }
    DAYS.iter().find(|day| weekday.len() == 3 && day[..3].eq_ignore_ascii_case(weekday)).copied()
}

/// A moment to the minute, in UTC; with seconds when it has any.
fn minute(ms: i64) -> String {
    let Ok(at) = Timestamp::from_millisecond(ms) else { return ms.to_string() };
    let text = at.strftime("%Y-%m-%d %H:%M:%S").to_string();
    format!("{} UTC", text.strip_suffix(":00").unwrap_or(&text))
}

/// A length of time with all its units: "1 h 30 m", "45 s".
#[must_use]
pub fn gap(ms: i64) -> String {
    let mut left = ms.max(0);
    let mut parts = Vec::new();
    for (unit_ms, unit) in [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s"), (1, "ms")] {
        let count = left / unit_ms;
        left %= unit_ms;
        if count > 0 {
            parts.push(format!("{count} {unit}"));
        }
    }
    if parts.is_empty() { "0 s".to_owned() } else { parts.join(" ") }
}

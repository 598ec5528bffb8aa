//! The hours of the day in which an agent looks.

use jiff::{Timestamp, tz::TimeZone};
use openclaw_config::ActiveHours;
use openclaw_core::cron::Zones;

/// Whether a moment lies within the hours. Hours that end before they start go on over midnight.
pub(super) fn within(hours: &ActiveHours, zones: &Zones, now_ms: i64) -> bool {
    let zone: TimeZone = match hours.timezone.as_deref() {
        Some(name) => zones.find(name).unwrap_or_else(|_| zones.local().clone()),
        None => zones.local().clone(),
    };
    let (Some(start), Some(end)) = (ActiveHours::minutes(&hours.start), ActiveHours::minutes(&hours.end)) else {
        return true;
    };
    let Ok(now) = Timestamp::from_millisecond(now_ms) else { return true };
    let now = now.to_zoned(zone);
    let minute = u16::try_from(i32::from(now.hour()) * 60 + i32::from(now.minute())).unwrap_or(0);
    if start <= end { (start..end).contains(&minute) } else { minute >= start || minute < end }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_are_of_the_zones_clock_and_may_go_over_midnight() {
        let zones = Zones::new(None);
        let hours = |start: &str, end: &str, zone: Option<&str>| ActiveHours {
            start: start.to_owned(),
            end: end.to_owned(),
            timezone: zone.map(str::to_owned),
        };
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_millisecond();
        let day = hours("08:00", "24:00", Some("Europe/Berlin"));
        assert!(!within(&day, &zones, at("2026-01-01T06:59:00Z")));
        assert!(within(&day, &zones, at("2026-01-01T07:00:00Z")));
        assert!(within(&day, &zones, at("2026-01-01T22:59:00Z")));
        assert!(!within(&day, &zones, at("2026-01-01T23:00:00Z")));
        let night = hours("22:00", "06:00", None);
        assert!(
            within(&night, &zones, at("2026-01-01T23:00:00Z")) && within(&night, &zones, at("2026-01-01T05:59:00Z"))
        );
        assert!(!within(&night, &zones, at("2026-01-01T12:00:00Z")));
    }
}

//! How long a provider asks us to wait.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;

/// A limit as a vendor tells it: the header that says how much is left, and the one that says when there is more, as a
/// moment or a span such as `6m0s`.
pub(crate) type Limit = (&'static str, &'static str);

/// Milliseconds in `retry-after-ms`, else seconds or a date in `retry-after`, else, on a 429, until the last of the
/// limits that are used up is filled again. Dates count from the answer's own `date` header, so that our clock does not
/// matter.
pub(super) fn asked_for(status: u16, headers: &HeaderMap, limits: &[Limit]) -> Option<Duration> {
    retry_after(headers).or_else(|| if status == 429 { refilled(headers, limits) } else { None })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, "date")?).ok()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    if let Some(ms) = text(headers, "retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1_000.0).ok();
    }
    let wait = text(headers, "retry-after")?;
    if let Ok(seconds) = wait.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let (until, now) = (httpdate::parse_http_date(wait).ok()?, date(headers)?);
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

fn refilled(headers: &HeaderMap, limits: &[Limit]) -> Option<Duration> {
    let used_up = limits.iter().filter(|(left, _)| text(headers, left) == Some("0"));
    used_up.filter_map(|(_, reset)| reset_in(text(headers, reset)?, headers)).max()
}

fn reset_in(reset: &str, headers: &HeaderMap) -> Option<Duration> {
    if let Ok(span) = reset.parse::<SignedDuration>() {
        return Duration::try_from(span).ok();
    }
    let (at, now) = (reset.parse::<Timestamp>().ok()?, Timestamp::try_from(date(headers)?).ok()?);
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests;

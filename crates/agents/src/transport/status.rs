//! From an HTTP status to an error.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::Error;

/// The error for a status that is no success. All wires put their words into `error.message`, or `error` itself.
pub(super) fn refused(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Error {
    let json: Value = serde_json::from_slice(body).unwrap_or_default();
    // One vendor wraps its errors into a list.
    let json = json.get(0).unwrap_or(&json);
    let error = &json["error"];
    let message = match error["message"].as_str().or(error.as_str()).or(json["message"].as_str()) {
        Some(message) => message.to_owned(),
        None if json.is_null() => words(&String::from_utf8_lossy(body)),
        None => json.to_string(),
    };
    match status {
        401 => Error::Auth { status, message },
        403 => Error::Forbidden { message },
        404 => Error::NotFound { message },
        429 => Error::RateLimited { retry_after, message },
        500.. => Error::Upstream { status, message, retry_after },
        _ => Error::BadRequest { status, message },
    }
}

/// A page's words without its tags, so that a proxy's error page is readable.
fn words(page: &str) -> String {
    let mut tag = false;
    let text: String = page
        .chars()
        .filter_map(|c| match c {
            '<' => {
                tag = true;
                Some(' ')
            }
            '>' if tag => {
                tag = false;
                None
            }
            _ => (!tag).then_some(c),
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// How long the provider asks us to wait: milliseconds in `retry-after-ms`, else seconds or a date in `retry-after`.
/// A date counts from the answer's own `date` header, so that our clock does not matter.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|text| text.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(ms / 1_000.0).ok();
    }
    let wait = text("retry-after")?;
    if let Ok(seconds) = wait.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |text: &str| -> Option<SystemTime> { httpdate::parse_http_date(text).ok() };
    let (until, now) = (date(wait)?, date(text("date")?)?);
    Some(until.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests;

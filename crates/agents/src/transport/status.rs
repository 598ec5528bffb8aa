//! From an HTTP status to an error.

use std::time::Duration;

use serde_json::Value;

use crate::{Error, failover::reason::lacks_credit};

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
    let word = error["code"].as_str().or(error["type"].as_str()).unwrap_or_default();
    match status {
        402 => Error::Billing { status, message },
        400 | 403 | 429 if lacks_credit(&message) || lacks_credit(word) => Error::Billing { status, message },
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

#[cfg(test)]
mod tests;

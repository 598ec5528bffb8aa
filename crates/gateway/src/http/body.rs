//! Bodies of requests: bounded in size and time, and JSON where JSON is wanted.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::answer;

/// How long a body may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It is longer than this many bytes.
    TooLong(usize),
    /// It did not arrive in time.
    TooSlow,
    /// The peer stopped in the middle.
    Cut,
    /// It is not said to be JSON.
    NotJson,
}

impl Problem {
    pub(super) fn response(&self) -> Response<Body> {
        let (status, kind) = match self {
            Self::TooLong(_) => (StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "request_timeout"),
            Self::Cut => (StatusCode::BAD_REQUEST, "invalid_request_error"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
        };
        let mut response = answer::refused(status, kind, &self.to_string());
        // What is left of the body is nobody's request.
        response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
        response
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong(limit) => write!(f, "Payload too large: at most {limit} bytes"),
            Self::TooSlow => f.write_str("Request body timeout"),
            Self::Cut => f.write_str("the body ended before it was complete"),
            Self::NotJson => f.write_str("send the body as `Content-Type: application/json`"),
        }
    }
}

/// Reads a body. What is said to be too long is refused before a byte of it is read.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize, patience: Duration) -> Result<Bytes, Problem> {
    let said = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if said.is_some_and(|said| said > limit) {
        return Err(Problem::TooLong(limit));
    }
    match tokio::time::timeout(patience, Limited::new(body, limit).collect()).await {
        Err(_) => Err(Problem::TooSlow),
        Ok(Ok(whole)) => Ok(whole.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::TooLong(limit)),
        Ok(Err(_)) => Err(Problem::Cut),
    }
}

/// Reads a body that is JSON, or empty. A page can make a browser send anything but this kind without asking first (T04).
pub(super) async fn read_json(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, Problem> {
    if !is_json(headers) && (headers.contains_key(header::CONTENT_TYPE) || has_body(headers)) {
        return Err(Problem::NotJson);
    }
    read(headers, body, limit, PATIENCE).await
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING) || headers.get(header::CONTENT_LENGTH).is_some_and(|len| len != "0")
}

/// Whether the body is said to be JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(kind: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))])
    }

    #[test]
    fn json_is_told_from_what_a_form_can_send() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/cloudevents+json"] {
            assert!(is_json(&headers(kind)), "{kind}");
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", "json"]
        {
            assert!(!is_json(&headers(kind)), "{kind}");
        }
    }

    #[tokio::test]
    async fn bodies_are_bounded() {
        let (no, limit) = (HeaderMap::new(), 10);
        assert_eq!(read(&no, Body::from("x".repeat(10)), limit, PATIENCE).await.map(|body| body.len()), Ok(10));
        assert_eq!(read(&no, Body::from("x".repeat(11)), limit, PATIENCE).await, Err(Problem::TooLong(10)));
        let said = HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from_static("11"))]);
        assert_eq!(read(&said, Body::empty(), limit, PATIENCE).await, Err(Problem::TooLong(10)));
        let never = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(read(&no, never, limit, Duration::from_millis(1)).await, Err(Problem::TooSlow));
    }
}

//! How answers look over HTTP: JSON, and a status that follows from the error's code.

use axum::{Json, body::Body, response::IntoResponse};
use http::{HeaderValue, Response, StatusCode, header};
use openclaw_protocol::{ErrorCode, WireError, detail};
use serde::Serialize;

/// An error as the method surface shows it.
#[derive(Serialize)]
struct Failed<'a> {
    ok: bool,
    error: &'a WireError,
}

/// An error as HTTP clients of the reference know it.
#[derive(Serialize)]
struct Refused<'a> {
    error: RefusedError<'a>,
}

#[derive(Serialize)]
struct RefusedError<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// The status of an error.
pub(super) fn status(error: &WireError) -> StatusCode {
    match (&*error.details.code, error.code) {
        (detail::UNKNOWN_METHOD | detail::NOT_FOUND | detail::UNKNOWN_AGENT_ID, _)
        | (_, ErrorCode::ApprovalNotFound) => StatusCode::NOT_FOUND,
        (detail::MISSING_SCOPE | detail::ACCESS_DENIED | detail::UNAUTHORIZED_ROLE | detail::SPAWN_NOT_ALLOWED, _)
        | (_, ErrorCode::Forbidden | ErrorCode::NotPaired) => StatusCode::FORBIDDEN,
        (detail::CONFLICT, _) => StatusCode::CONFLICT,
        (detail::RATE_LIMITED | detail::TOO_MANY_IN_FLIGHT, _) => StatusCode::TOO_MANY_REQUESTS,
        (_, ErrorCode::InvalidRequest) => StatusCode::BAD_REQUEST,
        (detail::NOT_IMPLEMENTED, _) => StatusCode::NOT_IMPLEMENTED,
        (detail::MODEL_UNAVAILABLE, _) => StatusCode::BAD_GATEWAY,
        (detail::INTERNAL, _) => StatusCode::INTERNAL_SERVER_ERROR,
        (_, ErrorCode::Unavailable) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `{"ok":false,"error":…}` with the error's status.
pub(super) fn failed(error: &WireError) -> Response<Body> {
    with_wait(status(error), error.retry_after_ms, Json(Failed { ok: false, error }))
}

/// `{"error":{"message","type"}}`.
pub(super) fn refused(status: StatusCode, kind: &'static str, message: &str) -> Response<Body> {
    (status, Json(Refused { error: RefusedError { message, kind } })).into_response()
}

/// As [`refused`], and says when to come back.
pub(super) fn refused_for_now(kind: &'static str, message: &str, wait_ms: u64) -> Response<Body> {
    let body = Json(Refused { error: RefusedError { message, kind } });
    with_wait(StatusCode::TOO_MANY_REQUESTS, Some(wait_ms), body)
}

/// Already serialised JSON.
pub(super) fn json(status: StatusCode, body: Vec<u8>) -> Response<Body> {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn with_wait(status: StatusCode, wait_ms: Option<u64>, body: impl IntoResponse) -> Response<Body> {
    let mut response = (status, body).into_response();
    if let Some(wait_ms) = wait_ms {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
    }
    response
}

/// The answer to a method that a route does not have; axum adds `Allow`.
pub(super) async fn method_not_allowed() -> (StatusCode, &'static str) {
    (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

#[cfg(test)]
mod tests {
    use openclaw_protocol::Scope;

    use super::*;

    #[test]
    fn the_status_follows_from_the_code() {
        for (error, code) in [
            (WireError::params("x"), 400),
            (WireError::missing_scope(Scope::Admin), 403),
            (WireError::not_found("x"), 404),
            (WireError::invalid(detail::UNKNOWN_METHOD, "x"), 404),
            (WireError::invalid(detail::CONFLICT, "x"), 409),
            (WireError::unavailable(detail::CONFLICT, "x"), 409),
            (WireError::unavailable(detail::QUEUE_FULL, "x"), 503),
            (WireError::unavailable(detail::NOT_IMPLEMENTED, "x"), 501),
            (WireError::unavailable(detail::MODEL_UNAVAILABLE, "x"), 502),
            (WireError::unavailable(detail::INTERNAL, "x"), 500),
        ] {
            assert_eq!(status(&error).as_u16(), code, "{error:?}");
        }
        let later = failed(&WireError::unavailable(detail::QUEUE_FULL, "x").retryable(Some(1500)));
        assert_eq!(later.headers()[header::RETRY_AFTER], "2");
    }
}

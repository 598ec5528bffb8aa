//! Who asks over HTTP: the bearer token goes to the same verifier, throttle and audit as `connect`.

use axum::{Json, body::Body, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use openclaw_auth::Principal;
use openclaw_protocol::{Scope, WireError};
use serde::Serialize;

use crate::{admission, connection::Peer, state::State};

/// The scheme that is understood, in any case of letters.
const SCHEME: &str = "bearer ";

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

/// The caller, when it shows a right credential and has the scope; else the answer that says what is missing.
pub(super) async fn operator(
    state: &State,
    headers: &HeaderMap,
    peer: &Peer,
    route: &'static str,
    scope: Scope,
) -> Result<Principal, Response<Body>> {
    let principal = match admission::admit_bearer(state, peer, token(headers), route) {
        Ok(principal) => principal,
        Err(refused) => {
            state.metrics.auth_failures.inc();
            if let Some(delay) = refused.delay {
                tokio::time::sleep(delay).await;
            }
            return Err(unauthorized(&refused.error));
        }
    };
    if !principal.may(scope) {
        let error = WireError::missing_scope(scope);
        let body = Refused { error: RefusedError { message: &error.message, kind: "forbidden" } };
        return Err((StatusCode::FORBIDDEN, Json(body)).into_response());
    }
    Ok(principal)
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then(|| token.trim())
}

fn unauthorized(error: &WireError) -> Response<Body> {
    if let Some(wait_ms) = error.retry_after_ms {
        let body = Refused { error: RefusedError { message: &error.message, kind: "rate_limited" } };
        let seconds = HeaderValue::from(wait_ms.div_ceil(1000));
        return (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds)], Json(body)).into_response();
    }
    let message = "Unauthorized: send the gateway's token or password as `Authorization: Bearer …`";
    let body = Refused { error: RefusedError { message, kind: "unauthorized" } };
    let challenge = HeaderValue::from_static("Bearer realm=\"openclaw\"");
    (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)], Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_what_follows_the_scheme() {
        for (value, expected) in [
            ("Bearer secret", Some("secret")),
            ("bearer  secret ", Some("secret")),
            ("Basic c2VjcmV0", None),
            ("Bearer", None),
            ("Bearer ", Some("")),
            ("secret", None),
        ] {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_static(value))]);
            assert_eq!(token(&headers), expected, "{value}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}

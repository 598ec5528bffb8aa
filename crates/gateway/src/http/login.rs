//! The one-time login link: a code that a browser exchanges, once and soon, for the gateway's credential.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use http::{Request, Response, StatusCode};
use openclaw_core::{Ids, Secret};
use serde::Deserialize;
use serde_json::json;

use super::{answer, body};
use crate::state::State;

/// Bytes of a request.
const LONGEST: usize = 4096;

/// Links that work at the same time; a new one takes the place of the oldest.
const LIVE: usize = 8;

/// The links that still work.
#[derive(Debug, Default)]
pub(crate) struct LoginCodes(Mutex<Vec<(Secret, i64)>>);

impl LoginCodes {
    /// How long a link works, milliseconds.
    pub(crate) const LIFE_MS: i64 = 10 * 60 * 1000;

    /// The page with the code behind `#`, which browsers keep to themselves.
    pub(crate) fn path(code: &Secret) -> String {
        format!("/#login={}", code.expose())
    }

    /// Makes a code.
    pub(crate) fn issue(&self, ids: &Ids, now_ms: i64) -> Secret {
        let code = ids.token();
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= LIVE {
            codes.remove(0);
        }
        codes.push((code.clone(), now_ms + Self::LIFE_MS));
        code
    }

    /// Uses a code up.
    fn redeem(&self, code: &str, now_ms: i64) -> bool {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, ends)| *ends > now_ms);
        let found = codes.iter().position(|(known, _)| known.matches(code));
        found.map(|at| codes.remove(at)).is_some()
    }
}

/// What the page sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Redeem {
    code: String,
}

/// Exchanges a code for the credential.
pub(super) async fn redeem(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let headers = parts.headers;
    // A stranger gets no more time for its body than for its head.
    let patience = Duration::from_millis(state.limits().header_timeout_ms);
    if !body::is_json(&headers) {
        return body::Problem::NotJson.response();
    }
    let bytes = match body::read(&headers, body, LONGEST, patience).await {
        Ok(bytes) => bytes,
        Err(problem) => return problem.response(),
    };
    let redeem: Redeem = match serde_json::from_slice(&bytes) {
        Ok(redeem) => redeem,
        Err(error) => return answer::refused(StatusCode::BAD_REQUEST, "invalid_request_error", &error.to_string()),
    };
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_origin = match (text("origin"), text("host")) {
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host)),
        (None, Some(host)) => openclaw_auth::origin::host_is_loopback(host),
        _ => false,
    };
    if !same_origin || !state.login_codes.redeem(&redeem.code, state.clock.now_ms()) {
        let text = "this login link was used already or is too old; openclaw dashboard makes a new one";
        return answer::refused(StatusCode::FORBIDDEN, "login_link_invalid", text);
    }
    let secret = state.login_credential();
    Json(json!({ "mode": state.auth_mode(), "credential": secret.as_ref().map(Secret::expose) })).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_and_not_for_ever() {
        let (codes, ids) = (LoginCodes::default(), Ids::seeded(1));
        let code = codes.issue(&ids, 0);
        assert!(!codes.redeem("guess", 1));
        assert!(codes.redeem(code.expose(), 1));
        assert!(!codes.redeem(code.expose(), 2));
        let late = codes.issue(&ids, 0);
        assert!(!codes.redeem(late.expose(), LoginCodes::LIFE_MS));
    }

    #[test]
    fn only_a_few_codes_live_at_once() {
        let (codes, ids) = (LoginCodes::default(), Ids::seeded(1));
        let first = codes.issue(&ids, 0);
        for _ in 0..LIVE {
            codes.issue(&ids, 0);
        }
        assert!(!codes.redeem(first.expose(), 1));
    }
}

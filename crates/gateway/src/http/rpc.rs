//! `POST /rpc/<method>`: every method of the table, with its parameters as the body.
//!
//! The answer is `{"ok":true,"payload":…}`, or `{"ok":false,"error":…}` with a status that follows from the error's code.
//! `Idempotency-Key` stands for the member `idempotencyKey`. A method that answers twice answers its last answer, or with
//! `Prefer: respond-async` its first one and 202.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, State as Shared},
    response::IntoResponse,
};
use http::{HeaderMap, Request, Response, StatusCode};
use openclaw_protocol::{TraceParent, WireError, detail};
use serde_json::{Map, Value, value::RawValue};

use super::{
    answer, body,
    caller::{Caller, caller},
    exchange::{self, First},
};
use crate::{rpc, state::State};

/// Bytes of the parameters.
pub(super) const LIMIT: usize = 2 * 1024 * 1024;
/// What the audit calls it.
const ROUTE: &str = "POST /rpc";

/// Calls a method.
pub(super) async fn call(
    Shared(state): Shared<Arc<State>>,
    Path(method): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let caller = match caller(&state, &parts, ROUTE).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let bytes = match body::read_json(&parts.headers, body, LIMIT).await {
        Ok(bytes) => bytes,
        Err(problem) => return problem.response(),
    };
    let params = match parameters(&method, &bytes, idempotency_key(&parts.headers)) {
        Ok(params) => params,
        Err(error) => return answer::failed(&error),
    };
    answered(&state, &caller, &method, params.as_deref(), &parts.headers).await
}

/// Calls a method and shows its answer.
async fn answered(
    state: &Arc<State>,
    caller: &Caller,
    method: &str,
    params: Option<&RawValue>,
    headers: &HeaderMap,
) -> Response<Body> {
    let at_work = match exchange::begin(state, caller, method, params, trace(headers)) {
        Ok(at_work) => at_work,
        Err(error) => return answer::failed(&error),
    };
    let whole = if prefers_async(headers) {
        match at_work.first().await {
            First::Accepted(payload) => return shown(StatusCode::ACCEPTED, payload.get().as_bytes()),
            First::Whole(whole) => whole,
        }
    } else {
        at_work.answer().await
    };
    match whole {
        Ok(payload) => shown(StatusCode::OK, &payload),
        Err(failure) => answer::failed(&failure.error),
    }
}

fn shown(status: StatusCode, payload: &[u8]) -> Response<Body> {
    let mut body = Vec::with_capacity(payload.len() + 24);
    body.extend_from_slice(br#"{"ok":true,"payload":"#);
    body.extend_from_slice(if payload.is_empty() { b"null" } else { payload });
    body.push(b'}');
    answer::json(status, body)
}

/// Calls a method for another route and gives its payload, or the answer that says what went wrong.
pub(super) async fn payload(
    state: &Arc<State>,
    caller: &Caller,
    method: &str,
    params: &Value,
    headers: &HeaderMap,
) -> Result<Vec<u8>, WireError> {
    let params = serde_json::value::to_raw_value(params)
        .map_err(|error| WireError::params(format!("these parameters do not serialise: {error}")))?;
    let at_work = exchange::begin(state, caller, method, Some(&params), trace(headers))?;
    at_work.answer().await.map_err(|failure| failure.error)
}

/// The parameters of a call: the body, with the key of the header when the method takes one.
fn parameters(method: &str, body: &[u8], key: Option<&str>) -> Result<Option<Box<RawValue>>, WireError> {
    let text = std::str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8".to_owned()))?;
    let takes_key = || rpc::find(method).is_some_and(|row| row.repeat == rpc::Repeat::Keyed);
    let Some(key) = key.filter(|_| takes_key()) else {
        if text.trim_ascii().is_empty() {
            return Ok(None);
        }
        let params: Box<RawValue> =
            serde_json::from_str(text).map_err(|error| invalid(format!("the body is not JSON: {error}")))?;
        return Ok(Some(params).filter(|params| params.get() != "null"));
    };
    let mut params: Map<String, Value> = match text.trim_ascii() {
        "" | "null" => Map::new(),
        text => serde_json::from_str(text).map_err(|error| invalid(format!("the body is no JSON object: {error}")))?,
    };
    match params.get("idempotencyKey") {
        Some(Value::String(other)) if other != key => {
            let text = "the header Idempotency-Key and params.idempotencyKey are different; send one of them";
            return Err(invalid(text.to_owned()).with("path", "params.idempotencyKey"));
        }
        _ => params.insert("idempotencyKey".to_owned(), Value::from(key)),
    };
    serde_json::value::to_raw_value(&params).map(Some).map_err(|error| invalid(error.to_string()))
}

fn invalid(text: String) -> WireError {
    WireError::invalid(detail::INVALID_PARAMS, text)
}

fn idempotency_key(headers: &HeaderMap) -> Option<&str> {
    headers.get("idempotency-key")?.to_str().ok().map(str::trim).filter(|key| !key.is_empty())
}

fn prefers_async(headers: &HeaderMap) -> bool {
    let words = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    words.flat_map(|value| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("respond-async"))
}

/// The trace that a request belongs to.
pub(super) fn trace(headers: &HeaderMap) -> Option<TraceParent> {
    TraceParent::parse(headers.get("traceparent")?.to_str().ok()?)
}

/// The answer to an address below `/rpc/` that is no method's name.
pub(super) async fn unnamed() -> Response<Body> {
    let error =
        WireError::invalid(detail::UNKNOWN_METHOD, "name the method: POST /rpc/<method>, for example /rpc/health");
    answer::failed(&error).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(method: &str, body: &str, key: Option<&str>) -> Result<Option<String>, String> {
        parameters(method, body.as_bytes(), key)
            .map(|params| params.map(|params| params.get().to_owned()))
            .map_err(|error| error.message.into_owned())
    }

    #[test]
    fn the_key_of_the_header_becomes_a_parameter() {
        assert_eq!(read("health", "", None), Ok(None));
        assert_eq!(read("health", " null ", None), Ok(None));
        assert_eq!(read("health", "{\"a\":1}", Some("k")), Ok(Some("{\"a\":1}".to_owned())), "it takes no key");
        assert_eq!(read("agent", "", Some("k")), Ok(Some("{\"idempotencyKey\":\"k\"}".to_owned())));
        let both = read("agent", "{\"idempotencyKey\":\"other\"}", Some("k")).unwrap_err();
        assert!(both.contains("different"), "{both}");
        assert!(read("agent", "[]", Some("k")).unwrap_err().contains("no JSON object"));
        assert!(read("agent", "{", None).unwrap_err().contains("not JSON"));
    }
}

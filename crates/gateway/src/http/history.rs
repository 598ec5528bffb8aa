//! `GET /sessions/{key}/history`: what was said in a conversation, at once or as it goes on.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Query, State as Shared},
};
use http::{Request, Response, StatusCode, header};
use openclaw_protocol::{Scope, SessionKey, WireError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer,
    caller::{Caller, caller_with},
    rpc, sse,
};
use crate::{agent_tokens, state::State};

/// How much.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Page {
    /// Most messages, 1 to 1,000.
    limit: Option<u64>,
    /// Messages to pass over, counted from the newest.
    offset: Option<u64>,
    /// Longest text of a message, characters.
    max_chars: Option<u64>,
}

/// Answers a request.
pub(super) async fn history(
    Shared(state): Shared<Arc<State>>,
    Path(key): Path<String>,
    page: Result<Query<Page>, axum::extract::rejection::QueryRejection>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let caller = match caller_with(&state, &parts, "GET /sessions/{key}/history", Scope::Read).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let Ok(Query(page)) = page else {
        return answer::failed(&WireError::params("the query may hold limit, offset and maxChars, each a number"));
    };
    let key = match SessionKey::new(key) {
        Ok(key) => key.canonical(&state.default_agent()),
        Err(error) => return answer::failed(&WireError::params(error.to_string())),
    };
    if let Err(error) = agent_tokens::only_own_session(&state, &caller.principal, &key) {
        return answer::failed(&error);
    }
    let mut params = json!({ "sessionKey": key });
    for (name, value) in [("limit", page.limit), ("offset", page.offset), ("maxChars", page.max_chars)] {
        if let Some(value) = value {
            params[name] = json!(value);
        }
    }
    let shown = match shown(&state, &caller, &params, &parts.headers).await {
        Ok(shown) => shown,
        Err(error) => return answer::failed(&error),
    };
    let as_it_goes = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if as_it_goes.is_some_and(|kinds| kinds.contains("text/event-stream")) {
        return going_on(&state, &caller, &key, &shown);
    }
    match serde_json::to_vec(&shown) {
        Ok(body) => answer::json(StatusCode::OK, body),
        Err(error) => answer::failed(&WireError::params(error.to_string())),
    }
}

/// The page; `items` is another name for `messages`.
async fn shown(
    state: &Arc<State>,
    caller: &Caller,
    params: &Value,
    headers: &http::HeaderMap,
) -> Result<Value, WireError> {
    let payload = rpc::payload(state, caller, "chat.history", params, headers).await?;
    let mut shown: Value = serde_json::from_slice(&payload).unwrap_or_default();
    shown["items"] = shown["messages"].clone();
    if shown["sessionId"].is_null() {
        return Err(WireError::not_found(format!(
            "No session found: {}",
            params["sessionKey"].as_str().unwrap_or_default()
        )));
    }
    Ok(shown)
}

/// The page as the first event, then the messages of the session as they come.
fn going_on(state: &Arc<State>, caller: &Caller, key: &SessionKey, shown: &Value) -> Response<Body> {
    use futures_util::StreamExt;
    let first = sse::event(Some("history"), shown);
    match super::events::messages_of(state, caller, key) {
        Ok(more) => sse::response(futures_util::stream::once(async move { first }).chain(more)),
        Err(error) => answer::failed(&error),
    }
}

//! `/api/…`: the addresses that a Mission Control asks beside its socket (CLIENTS §2.4), each one of our methods.
//!
//! Answers are the methods' payloads as they are. Nothing here is for whoever has no credential, unlike where it was first asked.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State as Shared},
    response::IntoResponse,
    routing::{get, post, put},
};
use http::{Request, Response, StatusCode, request::Parts};
use openclaw_protocol::{Scope, WireError, detail};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    answer, body,
    caller::{Caller, caller, caller_with, guarded},
    rpc,
};
use crate::{reload::Cause, state::State};

/// Bytes of a request.
const LIMIT: usize = 2 * 1024 * 1024;

/// All of them.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new()
        .route("/api/channels/status", get(channels_status).post(channels_status))
        .route("/api/channels/probe", get(channels_probe).post(channels_probe))
        .route("/api/channels/whatsapp/link", post(whatsapp_link))
        .route("/api/channels/whatsapp/wait", post(whatsapp_wait))
        .route("/api/channels/whatsapp/logout", post(whatsapp_logout))
        .route("/api/channels/nostr/{account}/profile", put(nostr))
        .route("/api/channels/nostr/{account}/profile/import", post(nostr))
        .route("/api/config/schema", get(config_schema))
        .route("/api/config/apply", post(config_apply))
        .route("/api/config/update", post(config_update))
        .route("/api/exec-approvals", get(approvals))
        .route("/api/exec-approvals/respond", post(respond))
}

/// Who asks, what the address says, and what the body says.
struct Asked {
    caller: Caller,
    parts: Parts,
    params: Map<String, Value>,
}

async fn asked(state: &State, request: Request<Body>, route: &'static str) -> Result<Asked, Response<Body>> {
    let (parts, body) = request.into_parts();
    let caller = caller(state, &parts, route).await?;
    let bytes = body::read_json(&parts.headers, body, LIMIT).await.map_err(|problem| problem.response())?;
    let params = if bytes.trim_ascii().is_empty() {
        Ok(Map::new())
    } else {
        serde_json::from_slice(&bytes)
            .map_err(|error| WireError::params(format!("the body is no JSON object: {error}")))
    };
    Ok(Asked { caller, params: params.map_err(|error| answer::failed(&error))?, parts })
}

impl Asked {
    /// The payload of a method.
    async fn call(&self, state: &Arc<State>, method: &str, params: Value) -> Response<Body> {
        match rpc::payload(state, &self.caller, method, &params, &self.parts.headers).await {
            Ok(payload) => answer::json(StatusCode::OK, payload),
            Err(error) => answer::failed(&later(error)),
        }
    }
}

/// A method that is not there yet is said to be that, and not an address that is wrong.
fn later(error: WireError) -> WireError {
    if error.details.code != detail::UNKNOWN_METHOD {
        return error;
    }
    WireError::unavailable(detail::NOT_IMPLEMENTED, format!("{error}: it is not part of this gateway yet"))
}

/// What the address says about channels.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Channels {
    probe: Option<bool>,
    timeout_ms: Option<u64>,
}

async fn channels(
    state: Arc<State>,
    query: Result<Query<Channels>, axum::extract::rejection::QueryRejection>,
    request: Request<Body>,
    route: &'static str,
    probe: Option<bool>,
) -> Response<Body> {
    let mut asked = match asked(&state, request, route).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let Ok(Query(query)) = query else {
        return answer::failed(&WireError::params("the query may hold probe (true or false) and timeoutMs (a number)"));
    };
    let mut params = Map::new();
    for (name, value) in
        [("probe", probe.or(query.probe).map(Value::from)), ("timeoutMs", query.timeout_ms.map(Value::from))]
    {
        if let Some(value) = value.or_else(|| asked.params.remove(name)) {
            params.insert(name.to_owned(), value);
        }
    }
    asked.call(&state, "channels.status", Value::Object(params)).await
}

type ChannelsQuery = Result<Query<Channels>, axum::extract::rejection::QueryRejection>;

async fn channels_status(
    Shared(state): Shared<Arc<State>>,
    query: ChannelsQuery,
    request: Request<Body>,
) -> Response<Body> {
    channels(state, query, request, "/api/channels/status", None).await
}

async fn channels_probe(
    Shared(state): Shared<Arc<State>>,
    query: ChannelsQuery,
    request: Request<Body>,
) -> Response<Body> {
    channels(state, query, request, "/api/channels/probe", Some(true)).await
}

async fn passed_on(state: Arc<State>, request: Request<Body>, route: &'static str, method: &str) -> Response<Body> {
    let mut asked = match asked(&state, request, route).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let params = std::mem::take(&mut asked.params);
    asked.call(&state, method, Value::Object(params)).await
}

async fn whatsapp_link(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    passed_on(state, request, "POST /api/channels/whatsapp/link", "web.login.start").await
}

async fn whatsapp_wait(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    passed_on(state, request, "POST /api/channels/whatsapp/wait", "web.login.wait").await
}

async fn whatsapp_logout(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let asked = match asked(&state, request, "POST /api/channels/whatsapp/logout").await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    asked.call(&state, "channels.logout", json!({ "channel": "whatsapp" })).await
}

async fn nostr(
    Shared(state): Shared<Arc<State>>,
    Path(_account): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if let Err(refusal) = caller_with(&state, &parts, "/api/channels/nostr", Scope::Admin).await {
        return refusal;
    }
    let text = "the channel nostr is not part of this gateway yet";
    answer::failed(&WireError::unavailable(detail::NOT_IMPLEMENTED, text))
}

async fn config_schema(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    passed_on(state, request, "GET /api/config/schema", "config.schema").await
}

/// With a body as `config.apply`; without one the file is read again, which is what its caller means.
async fn config_apply(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    const ROUTE: &str = "POST /api/config/apply";
    let mut asked = match asked(&state, request, ROUTE).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    if !asked.params.is_empty() {
        let params = std::mem::take(&mut asked.params);
        return asked.call(&state, "config.apply", Value::Object(params)).await;
    }
    let may = asked.caller.needs(Scope::Admin).and_then(|()| guarded(&state, &asked.caller, ROUTE, Scope::Admin));
    if let Err(refusal) = may {
        return *refusal;
    }
    match state.reload.again(Cause::Signal(ROUTE)).await {
        Ok(()) if state.reload.report().rejected.is_some() => {
            let text =
                "the configuration's file cannot be used; what was in force still is, and status says what is wrong";
            answer::failed(&WireError::invalid(detail::INVALID_CONFIG, text))
        }
        Ok(()) => Json(Applied { ok: true, hash: state.active().loaded.hash.clone() }).into_response(),
        Err(error) => answer::failed(&error),
    }
}

/// What is in force after the file was read again.
#[derive(serde::Serialize, schemars::JsonSchema)]
pub(crate) struct Applied {
    ok: bool,
    /// Of the configuration in force.
    hash: String,
}

async fn config_update(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    passed_on(state, request, "POST /api/config/update", "update.run").await
}

async fn approvals(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let asked = match asked(&state, request, "GET /api/exec-approvals").await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    match rpc::payload(&state, &asked.caller, "exec.approval.list", &json!({}), &asked.parts.headers).await {
        Ok(payload) => {
            let mut body = br#"{"approvals":"#.to_vec();
            body.extend_from_slice(&payload);
            body.push(b'}');
            answer::json(StatusCode::OK, body)
        }
        Err(error) => answer::failed(&later(error)),
    }
}

/// An answer to a command that asks first.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Respond {
    /// Which approval.
    id: String,
    /// What is decided.
    action: Action,
    /// Why; for the caller's own log.
    #[serde(default, rename = "reason")]
    _reason: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Approve,
    Deny,
    AlwaysAllow,
}

async fn respond(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let mut asked = match asked(&state, request, "POST /api/exec-approvals/respond").await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let params = Value::Object(std::mem::take(&mut asked.params));
    let Respond { id, action, .. } = match Respond::deserialize(&params) {
        Ok(respond) => respond,
        Err(error) => return answer::failed(&WireError::params(format!("exec-approvals/respond: {error}"))),
    };
    let decision = match action {
        Action::Approve => "allow-once",
        Action::AlwaysAllow => "allow-always",
        Action::Deny => "deny",
    };
    asked.call(&state, "exec.approval.resolve", json!({ "id": id, "decision": decision })).await
}

//! `POST /tools/invoke`: one tool, without a turn around it. Agents have no tools yet, so every name is answered as one that is
//! not there, in the words that clients know (PROTOCOL §9).

use std::sync::Arc;

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use http::{Request, Response, StatusCode};
use openclaw_protocol::{AgentId, Scope, SessionKey, WireError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{answer, body, caller::caller_with};
use crate::{agent_tokens, state::State};

/// Bytes of a request.
const LIMIT: usize = 2 * 1024 * 1024;

/// What to invoke.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invoke {
    /// Name of the tool.
    #[serde(default)]
    name: Option<String>,
    /// The same under its former name; `name` wins.
    #[serde(default)]
    tool: Option<String>,
    /// Which of the things that the tool does.
    #[serde(default, rename = "action")]
    _action: Option<String>,
    /// What the tool takes.
    #[serde(default, rename = "args")]
    _args: Option<Map<String, Value>>,
    /// For which session; the agent's main session when absent.
    #[serde(default)]
    session_key: Option<SessionKey>,
    /// For which agent.
    #[serde(default)]
    agent_id: Option<AgentId>,
    /// Looks whether it could be done, and does nothing.
    #[serde(default, rename = "dryRun")]
    _dry_run: Option<bool>,
}

/// Why a tool was not invoked.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Failed {
    ok: bool,
    error: FailedError,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FailedError {
    #[serde(rename = "type")]
    kind: &'static str,
    message: String,
}

fn failed(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Response<Body> {
    (status, Json(Failed { ok: false, error: FailedError { kind, message: message.into() } })).into_response()
}

/// Answers a request.
pub(super) async fn invoke(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let caller = match caller_with(&state, &parts, "POST /tools/invoke", Scope::Write).await {
        Ok(caller) => caller,
        Err(refusal) => return refusal,
    };
    let bytes = match body::read_json(&parts.headers, body, LIMIT).await {
        Ok(bytes) => bytes,
        Err(problem) => return problem.response(),
    };
    let request: Invoke = match serde_json::from_slice(&bytes) {
        Ok(request) => request,
        Err(error) => return failed(StatusCode::BAD_REQUEST, "invalid_request", format!("tools.invoke: {error}")),
    };
    let name = request.name.or(request.tool).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let Some(name) = name else {
        return failed(StatusCode::BAD_REQUEST, "invalid_request", "tools.invoke requires name");
    };
    let refused = |error: WireError| failed(answer::status(&error), "forbidden", error.message.into_owned());
    if let Some(key) = &request.session_key {
        if let Err(error) = agent_tokens::only_own_session(&state, &caller.principal, key) {
            return refused(error);
        }
        let owner = key.canonical(&state.default_agent()).agent();
        if request.agent_id.as_ref().is_some_and(|agent| Some(agent) != owner.as_ref()) {
            let text = "agentId names another agent than sessionKey";
            return failed(StatusCode::BAD_REQUEST, "invalid_request", text);
        }
    }
    if let (Some(own), Some(named)) = (caller.principal.agent_id(), &request.agent_id)
        && own != named
    {
        return failed(
            StatusCode::FORBIDDEN,
            "forbidden",
            format!("the token of agent \"{own}\" is good for that agent alone"),
        );
    }
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    failed(StatusCode::NOT_FOUND, "not_found", format!("Tool not available: {name}"))
}

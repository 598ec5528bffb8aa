//! What programs for `OpenAI`'s interface ask: `/v1/models`, `/v1/chat/completions`, `/v1/responses` (PROTOCOL §9).
//!
//! A `model` there is an agent here, and every request is a turn of that agent like any other: in the store, audited, with the
//! agent's own models behind it. Each is served only where the configuration says so.

pub(super) mod chat;
pub(super) mod models;
pub(super) mod responses;
mod steering;
mod target;

use std::sync::Arc;

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use http::{HeaderValue, Request, Response, StatusCode, header};
use openclaw_core::record::Run;
use openclaw_protocol::{Scope, WireError, detail};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    answer, body,
    caller::{Caller, caller_with},
    turns::Said,
};
use crate::{
    runs::Tokens,
    state::State,
    turn::{self, Attachment},
};

/// Bytes of a request.
const LIMIT: usize = 20 * 1024 * 1024;

/// An error in the shape that these programs read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Failed {
    error: FailedError,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FailedError {
    message: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// The member of the request that is wrong.
    param: Option<String>,
    code: Option<String>,
}

/// Why a request is not served.
#[derive(Debug)]
pub(super) struct Problem {
    status: StatusCode,
    kind: &'static str,
    message: String,
    param: Option<String>,
    code: Option<String>,
    wait_ms: Option<u64>,
}

impl Problem {
    /// The request is wrong, at this member.
    fn invalid(param: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            kind: "invalid_request_error",
            message: message.into(),
            param: param.map(str::to_owned),
            code: None,
            wait_ms: None,
        }
    }

    fn body(&self) -> Failed {
        let Self { kind, message, param, code, .. } = self;
        Failed { error: FailedError { message: message.clone(), kind, param: param.clone(), code: code.clone() } }
    }
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Self {
        let status = answer::status(&error);
        let kind = match status.as_u16() {
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found_error",
            429 => "rate_limit_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        };
        Self {
            status,
            kind,
            message: error.message.into_owned(),
            param: None,
            code: Some(error.details.code.to_lowercase()),
            wait_ms: error.retry_after_ms,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response<Body> {
        let mut response = (self.status, Json(self.body())).into_response();
        if let Some(wait_ms) = self.wait_ms {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
        }
        response
    }
}

/// What is switched on.
#[derive(Clone, Copy)]
pub(super) enum Endpoint {
    Chat,
    Responses,
    /// Either of them.
    Any,
}

impl Endpoint {
    fn is_on(self, state: &State) -> bool {
        let active = state.active();
        let endpoints = &active.loaded.config.gateway.http.endpoints;
        let (chat, responses) = (endpoints.chat_completions.enabled, endpoints.responses.enabled);
        match self {
            Self::Chat => chat,
            Self::Responses => responses,
            Self::Any => chat || responses,
        }
    }
}

/// A caller whose request was read.
struct Asked<T> {
    caller: Caller,
    parts: http::request::Parts,
    request: T,
}

/// Reads a request of a caller who may act. The body is looked at after the caller.
async fn asked<T: DeserializeOwned>(
    state: &Arc<State>,
    request: Request<Body>,
    endpoint: Endpoint,
    route: &'static str,
) -> Result<Asked<T>, Response<Body>> {
    if !endpoint.is_on(state) {
        return Err(super::nothing().await.into_response());
    }
    let (parts, body) = request.into_parts();
    let caller = caller_with(state, &parts, route, Scope::Write).await?;
    let bytes = body::read_json(&parts.headers, body, LIMIT).await.map_err(|problem| problem.response())?;
    let mut json = serde_json::Deserializer::from_slice(&bytes);
    let request = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let param = Some(path.as_str()).filter(|path| *path != ".");
        Problem::invalid(param, format!("the request body is not valid: {}", error.inner())).into_response()
    })?;
    Ok(Asked { caller, parts, request })
}

/// `/v1/embeddings`: this gateway has no models that embed.
pub(super) async fn embeddings(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    if !Endpoint::Any.is_on(&state) {
        return super::nothing().await.into_response();
    }
    let (parts, _) = request.into_parts();
    if let Err(refusal) = caller_with(&state, &parts, "POST /v1/embeddings", Scope::Write).await {
        return refusal;
    }
    let text = "embeddings are not part of this gateway yet";
    Problem::from(WireError::unavailable(detail::NOT_IMPLEMENTED, text)).into_response()
}

/// What a request says, sorted.
struct Sorted {
    /// What steers the agent.
    steering: Vec<String>,
    /// What was said before.
    past: Vec<(Said, String)>,
    /// What is asked now.
    text: String,
    images: Vec<Attachment>,
}

/// Why a run that ended is no answer.
fn failure(run: &Run) -> Option<Problem> {
    (turn::status_word(run) != "ok").then(|| Problem::from(turn::failed(run)))
}

/// Refuses members that ask for what is not there.
fn unsupported(name: &str, asked: bool) -> Result<(), Problem> {
    if !asked {
        return Ok(());
    }
    let text = format!("`{name}` is not supported by this gateway; leave it out");
    Err(Problem { code: Some("unsupported_parameter".to_owned()), ..Problem::invalid(Some(name), text) })
}

/// What a run used: prompt, cached part of it, reply, reasoning in it.
fn used(tokens: &Tokens) -> [u64; 4] {
    [tokens.prompt(), tokens.cached(), tokens.output(), tokens.reasoning()]
}

//! `/v1/models`: the agents, as models.

use std::sync::Arc;

use axum::{
    Json,
    body::Body,
    extract::{Path, State as Shared},
    response::IntoResponse,
};
use http::{Request, Response, StatusCode};
use openclaw_protocol::Scope;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Endpoint, Problem};
use crate::{
    http::caller::{Caller, caller_with},
    state::State,
};

/// An agent as a model.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Model {
    id: String,
    object: &'static str,
    /// Seconds since the epoch: the start of the gateway.
    created: i64,
    owned_by: &'static str,
}

/// All of them.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Models {
    object: &'static str,
    data: Vec<Model>,
}

fn models(state: &State, caller: &Caller) -> Vec<Model> {
    let created = (state.clock.now_ms() - i64::try_from(state.uptime_ms()).unwrap_or(0)) / 1000;
    let own = caller.principal.agent_id();
    let agents = state.agents().into_iter().filter(|agent| own.is_none_or(|own| *own == agent.id));
    let ids = ["openclaw".to_owned(), "openclaw/default".to_owned()].into_iter();
    ids.chain(agents.map(|agent| format!("openclaw/{}", agent.id)))
        .map(|id| Model { id, object: "model", created, owned_by: "openclaw" })
        .collect()
}

/// All of them.
pub(in crate::http) async fn list(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    match listed(&state, request, "GET /v1/models").await {
        Ok(data) => Json(Models { object: "list", data }).into_response(),
        Err(refusal) => refusal,
    }
}

/// One of them. Its name has a slash, encoded or not.
pub(in crate::http) async fn one(
    Shared(state): Shared<Arc<State>>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Response<Body> {
    match listed(&state, request, "GET /v1/models/{id}").await {
        Ok(data) => match data.into_iter().find(|model| model.id == id) {
            Some(model) => Json(model).into_response(),
            None => Problem {
                status: StatusCode::NOT_FOUND,
                kind: "invalid_request_error",
                code: Some("model_not_found".to_owned()),
                ..Problem::invalid(Some("model"), "there is no such model; GET /v1/models names them")
            }
            .into_response(),
        },
        Err(refusal) => refusal,
    }
}

async fn listed(state: &Arc<State>, request: Request<Body>, route: &'static str) -> Result<Vec<Model>, Response<Body>> {
    if !Endpoint::Any.is_on(state) {
        return Err(crate::http::nothing().await.into_response());
    }
    let (parts, _) = request.into_parts();
    let caller = caller_with(state, &parts, route, Scope::Read).await?;
    Ok(models(state, &caller))
}

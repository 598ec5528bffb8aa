//! `/control-ui-config.json`: what the official interface wants to know about the gateway before it connects (UX §1).

use std::sync::Arc;

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use http::{HeaderValue, Request, Response, header};
use openclaw_protocol::{AgentId, Scope};
use schemars::JsonSchema;
use serde::Serialize;

use super::caller::caller_with;
use crate::state::State;

/// What the interface is told. It does without each of these; what this gateway does not have is off.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UiConfig {
    /// Where the interface is mounted.
    base_path: &'static str,
    /// Name of the default agent.
    assistant_name: String,
    /// Its picture: an address or a few letters.
    assistant_avatar: Option<String>,
    assistant_agent_id: AgentId,
    server_version: &'static str,
    /// How embedded pages are kept apart.
    embed_sandbox: &'static str,
    allow_external_embed_urls: bool,
    automatically_fetch_favicons: bool,
    terminal_enabled: bool,
    cli_agents_enabled: bool,
    plugin_assets_require_auth: bool,
    plugin_frame_grants: [(); 0],
}

/// Answers those who show the gateway's credential.
pub(super) async fn answer(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if let Err(refusal) = caller_with(&state, &parts, "GET /control-ui-config.json", Scope::Read).await {
        return refusal;
    }
    let agents = state.agents();
    let Some(agent) = agents.first() else { return super::nothing().await.into_response() };
    let config = UiConfig {
        base_path: "",
        assistant_name: agent.name.clone().unwrap_or_else(|| agent.id.to_string()),
        assistant_avatar: agent.avatar.clone().or_else(|| agent.emoji.clone()),
        assistant_agent_id: agent.id.clone(),
        server_version: openclaw_protocol::VERSION,
        embed_sandbox: "strict",
        allow_external_embed_urls: false,
        automatically_fetch_favicons: false,
        terminal_enabled: false,
        cli_agents_enabled: false,
        plugin_assets_require_auth: true,
        plugin_frame_grants: [],
    };
    ([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(config)).into_response()
}

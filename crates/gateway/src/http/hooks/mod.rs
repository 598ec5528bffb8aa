//! `/hooks/…`: addresses at which other programs wake an agent or give it work (PROTOCOL §9, SPEC-NOTES 29).

mod gate;
mod template;

use std::{net::IpAddr, sync::Arc, time::Duration};

use axum::{Json, body::Body, response::IntoResponse};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use openclaw_auth::{AuthMethod, Principal};
use openclaw_config::{HookAction, HookMapping, Hooks as Settings};
use openclaw_core::record::AuditEvent;
use openclaw_protocol::{AgentId, RunId, SessionKey, WireError, detail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tracing::{info, warn};

use super::{
    answer, body,
    caller::{Caller, Tally},
    rpc,
    turns::{self, Wanted},
};
use crate::{connection::Peer, state::State, untrusted};
pub(crate) use gate::Hooks;
use gate::Shown;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name of the hook that a path is, when hooks are served and it is one.
pub(super) fn name<'a>(settings: &Settings, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(&settings.path).filter(|_| settings.enabled)?;
    match rest.strip_prefix('/') {
        Some(name) => Some(name.trim_end_matches('/')),
        None => rest.is_empty().then_some(""),
    }
}

/// A refusal, as senders know it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Refused {
    ok: bool,
    error: String,
}

fn refused(status: StatusCode, error: impl Into<String>) -> Response<Body> {
    (status, Json(Refused { ok: false, error: error.into() })).into_response()
}

/// What came of a hook.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Accepted {
    ok: bool,
    /// The run of an agent hook.
    #[serde(skip_serializing_if = "Option::is_none")]
    run_id: Option<RunId>,
    /// How a wake is looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<&'static str>,
    /// What the queue did with a wake.
    #[serde(skip_serializing_if = "Option::is_none")]
    event_outcome: Option<&'static str>,
}

/// A request that passed the gate.
struct Hook {
    caller: Caller,
    delivery: Option<[u8; 32]>,
    headers: HeaderMap,
}

/// Answers a request to a hook.
pub(super) async fn answer(
    state: &Arc<State>,
    request: Request<Body>,
    settings: &Settings,
    name: &str,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let (hook, body) = match admitted(state, &parts, body, settings, name).await {
        Ok(admitted) => admitted,
        Err(refusal) => {
            state.hooks.count(false);
            return refusal;
        }
    };
    let delivery = hook.delivery;
    let answered = match name {
        "wake" => wake(state, &hook, &body).await,
        "agent" => agent(state, &hook, settings, &body).await,
        _ => mapped(state, &hook, settings, name, &body).await,
    };
    state.hooks.count(answered.status().is_success());
    if let Some(delivery) = delivery.filter(|_| !answered.status().is_success()) {
        state.hooks.forget(&delivery);
    }
    answered
}

/// Lets a request in, and gives its body. Nothing of the body is read for a stranger.
async fn admitted(
    state: &State,
    parts: &Parts,
    body: Body,
    settings: &Settings,
    name: &str,
) -> Result<(Hook, Value), Response<Body>> {
    if parts.method != Method::POST {
        let allow = [(header::ALLOW, "POST")];
        return Err((StatusCode::METHOD_NOT_ALLOWED, allow, "Method Not Allowed").into_response());
    }
    let query = parts.uri.query().unwrap_or_default();
    if query.split('&').any(|pair| pair.split('=').next().is_some_and(|key| key.eq_ignore_ascii_case("token"))) {
        let text = "Hook token must be provided via Authorization: Bearer <token> or X-OpenClaw-Token header (query parameters are not allowed).";
        return Err((StatusCode::BAD_REQUEST, text).into_response());
    }
    let Some(peer) = parts.extensions.get::<Peer>() else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    if let Some(text) = state.lockdown.refusal(peer.direct_loopback, AuthMethod::HookToken) {
        note(state, peer.ip, name, "locked_down");
        return Err(refused(StatusCode::SERVICE_UNAVAILABLE, text));
    }
    let now = state.clock.now_ms();
    if let Err(wait) = state.hooks.requests.enter(peer.ip, settings.rate_per_minute as usize, now) {
        note(state, peer.ip, name, "rate_limited");
        return Err(wait_for("too many requests of this address", wait));
    }
    if let Some(wait) = state.hooks.failures.wait(peer.ip, gate::FAILURES, now) {
        note(state, peer.ip, name, "too_many_failures");
        return Err(wait_for("too many failed attempts of this address", wait));
    }
    let shown = gate::shown(&parts.headers, settings);
    if matches!(shown, Shown::Nothing) {
        return Err(unauthorized(state, peer.ip, name, "hook_token_mismatch"));
    }
    let limit = usize::try_from(settings.max_body_bytes).unwrap_or(usize::MAX);
    let bytes = body::read(&parts.headers, body, limit, PATIENCE).await.map_err(|problem| problem.response())?;
    if let (Shown::Signature(signature), Some(secret)) = (&shown, &settings.signature.secret)
        && !gate::is_signed(secret, &bytes, signature)
    {
        return Err(unauthorized(state, peer.ip, name, "hook_signature_mismatch"));
    }
    let window_ms = i64::try_from(settings.replay_window_seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
    if gate::is_stale(&parts.headers, now, window_ms) {
        return Err(unauthorized(state, peer.ip, name, "hook_timestamp_stale"));
    }
    state.hooks.failures.clear(peer.ip);
    let body: Value = if bytes.trim_ascii().is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&bytes)
            .map_err(|error| refused(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}")))?
    };
    if !body.is_object() {
        return Err(refused(StatusCode::BAD_REQUEST, "the body must be a JSON object"));
    }
    let delivery = gate::delivery(&parts.headers, parts.uri.path(), &shown, &bytes);
    if let Some(delivery) = delivery
        && !state.hooks.is_new(delivery, now, window_ms)
    {
        note(state, peer.ip, name, "replayed");
        return Err(refused(StatusCode::CONFLICT, "this delivery came before; it does nothing again"));
    }
    let caller = Caller {
        principal: Arc::new(Principal::hook()),
        ip: peer.ip,
        method: AuthMethod::HookToken,
        counted: Tally::default(),
    };
    Ok((Hook { caller, delivery, headers: parts.headers.clone() }, body))
}

fn wait_for(text: &str, wait_ms: u64) -> Response<Body> {
    let mut response = refused(StatusCode::TOO_MANY_REQUESTS, text);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_ms.div_ceil(1000)));
    response
}

fn unauthorized(state: &State, ip: IpAddr, name: &str, reason: &'static str) -> Response<Body> {
    state.hooks.failures.count(ip, state.clock.now_ms());
    state.metrics.auth_failures.inc();
    note(state, ip, name, reason);
    (StatusCode::UNAUTHORIZED, "Unauthorized").into_response()
}

/// Keeps a refusal in the log and the audit, with the address and the reason, and nothing that was shown.
fn note(state: &State, ip: IpAddr, name: &str, reason: &'static str) {
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    warn!(hook = %name, %ip, reason, "Hook refused");
    if state.refusals.should_record(&format!("{ip}:hook.refused:{reason}"), state.clock.now_ms()) {
        state.audit_detached(AuditEvent {
            event: "hook.refused".to_owned(),
            severity: "warn".to_owned(),
            actor: "anonymous".to_owned(),
            ip: Some(ip.to_string()),
            method: Some("POST /hooks".to_owned()),
            target: Some(name),
            outcome: "denied".to_owned(),
            reason: Some(reason.to_owned()),
            detail: Value::Null,
        });
    }
}

/// What `/hooks/wake` takes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wake {
    /// What happened.
    #[serde(default)]
    text: Option<String>,
    /// `now` or `next-heartbeat`; `now` when absent.
    #[serde(default)]
    mode: Option<String>,
}

async fn wake(state: &Arc<State>, hook: &Hook, body: &Value) -> Response<Body> {
    let wake = match Wake::deserialize(body) {
        Ok(wake) => wake,
        Err(error) => return refused(StatusCode::BAD_REQUEST, error.to_string()),
    };
    let mode = match wake.mode.as_deref() {
        None | Some("now") => "now",
        Some("next-heartbeat") => "next-heartbeat",
        Some(_) => return refused(StatusCode::BAD_REQUEST, "mode must be now or next-heartbeat"),
    };
    match wake.text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => woken(state, hook, text, mode, "wake hook").await,
        None => refused(StatusCode::BAD_REQUEST, "text required"),
    }
}

/// Tells the main session something, by the method that does so.
async fn woken(state: &Arc<State>, hook: &Hook, text: &str, mode: &'static str, source: &str) -> Response<Body> {
    let text = untrusted::wrapped(text, source, &state.ids);
    match rpc::payload(state, &hook.caller, "wake", &json!({ "mode": mode, "text": text }), &hook.headers).await {
        Ok(_) => {
            info!(mode, ip = %hook.caller.ip, "Hook woke the main session");
            Json(Accepted { ok: true, run_id: None, mode: Some(mode), event_outcome: Some("queued") }).into_response()
        }
        Err(error) if error.details.code == detail::UNKNOWN_METHOD || error.details.code == detail::MISSING_SCOPE => {
            refused(StatusCode::NOT_IMPLEMENTED, "waking the main session is not part of this gateway yet")
        }
        Err(error) => refused(answer::status(&error), error.message.into_owned()),
    }
}

/// What `/hooks/agent` takes. Members about delivery to a channel are understood; there is no channel to deliver to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Agent {
    /// What to do.
    message: Option<String>,
    /// Name of the sender, for the model and the log.
    name: Option<String>,
    /// Which agent.
    agent_id: Option<String>,
    /// In which session, where the configuration lets a request say so.
    session_key: Option<String>,
    /// `provider/model` for this work.
    model: Option<String>,
    /// Thinking level for this work.
    thinking: Option<String>,
    /// How long the work may take, in seconds.
    timeout_seconds: Option<u64>,
}

async fn agent(state: &Arc<State>, hook: &Hook, settings: &Settings, body: &Value) -> Response<Body> {
    let work = match Agent::deserialize(body) {
        Ok(work) => work,
        Err(error) => return refused(StatusCode::BAD_REQUEST, error.to_string()),
    };
    if work.session_key.is_some() && !settings.allow_request_session_key {
        let text = "sessionKey is disabled for requests; set hooks.allowRequestSessionKey to allow it";
        return refused(StatusCode::BAD_REQUEST, text);
    }
    let name = work.name.clone().unwrap_or_else(|| "Hook".to_owned());
    given(state, hook, settings, work, &name).await
}

async fn mapped(state: &Arc<State>, hook: &Hook, settings: &Settings, name: &str, body: &Value) -> Response<Body> {
    let fits = |mapping: &&HookMapping| {
        mapping.r#match.path.as_deref().is_none_or(|path| path.trim_matches('/') == name)
            && mapping.r#match.source.as_deref().is_none_or(|source| body["source"] == source)
    };
    let Some(mapping) = settings.mappings.iter().find(fits) else {
        return (StatusCode::NOT_FOUND, "Not Found").into_response();
    };
    let source = mapping.name.clone().or_else(|| mapping.id.clone()).unwrap_or_else(|| name.to_owned());
    let fill = |template: &Option<String>| template.as_deref().map(|template| template::filled(template, body));
    if mapping.action == HookAction::Wake {
        return match fill(&mapping.text_template).filter(|text| !text.trim().is_empty()) {
            Some(text) => woken(state, hook, &text, mapping.wake_mode.word(), &source).await,
            None => refused(StatusCode::BAD_REQUEST, "text required"),
        };
    }
    let work = Agent {
        message: fill(&mapping.message_template),
        name: None,
        agent_id: mapping.agent_id.clone(),
        session_key: fill(&mapping.session_key),
        model: mapping.model.clone(),
        thinking: mapping.thinking.clone(),
        timeout_seconds: mapping.timeout_seconds,
    };
    given(state, hook, settings, work, &source).await
}

/// Gives an agent work.
async fn given(state: &Arc<State>, hook: &Hook, settings: &Settings, work: Agent, source: &str) -> Response<Body> {
    let Some(message) = work.message.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
        return refused(StatusCode::BAD_REQUEST, "message required");
    };
    let begun = async {
        let agent = match work.agent_id {
            None => state.default_agent(),
            Some(id) => {
                let id = AgentId::new(id).map_err(|error| WireError::params(error.to_string()))?;
                state.agent(&id)?.id
            }
        };
        let allowed = settings.allowed_agent_ids.as_ref();
        if allowed.is_some_and(|allowed| !allowed.iter().any(|word| word == "*" || word == agent.as_str())) {
            return Err(WireError::params(format!(
                "hooks may not give work to agent \"{agent}\" (hooks.allowedAgentIds)"
            )));
        }
        let run_id = RunId::new(match hook.delivery {
            // So that a delivery does its work once, whatever was forgotten meanwhile.
            Some(delivery) => format!("hook-{}", openclaw_core::hex(&delivery[..16])),
            None => format!("hook-{}", state.ids.uuid()),
        })
        .map_err(|error| WireError::params(error.to_string()))?;
        let key = work.session_key.or_else(|| settings.default_session_key.clone());
        let key = key.unwrap_or_else(|| format!("hook:{}", state.ids.uuid()));
        let rest = key.strip_prefix(&format!("agent:{agent}:")).unwrap_or(&key).to_owned();
        if !begins_rightly(settings, &rest) {
            return Err(WireError::params("the session key does not begin as hooks.allowedSessionKeyPrefixes says"));
        }
        let session =
            SessionKey::new(format!("agent:{agent}:{rest}")).map_err(|error| WireError::params(error.to_string()))?;
        let wanted = Wanted {
            method: "hooks.agent",
            agent,
            session,
            text: untrusted::wrapped(message, source, &state.ids),
            attachments: Vec::new(),
            past: Vec::new(),
            system: None,
            model: work.model,
            thinking: work.thinking,
            limits: crate::runs::Limits::default(),
            timeout_ms: work.timeout_seconds.map(|seconds| seconds.saturating_mul(1000)),
            run_id,
        };
        turns::begin(state, &hook.caller, wanted, rpc::trace(&hook.headers)).await
    };
    match begun.await {
        Ok(turn) => {
            let run_id = turn.run_id.clone();
            info!(%run_id, session = %turn.session, ip = %hook.caller.ip, "Hook gave an agent work");
            turn.detached();
            Json(Accepted { ok: true, run_id: Some(run_id), mode: None, event_outcome: None }).into_response()
        }
        Err(error) => refused(answer::status(&error), error.message.into_owned()),
    }
}

/// Whether a session key begins as the configuration says.
fn begins_rightly(settings: &Settings, key: &str) -> bool {
    let prefixes = settings.allowed_session_key_prefixes.iter().map(|prefix| prefix.trim().to_lowercase());
    let prefixes: Vec<String> = prefixes.filter(|prefix| !prefix.is_empty()).collect();
    prefixes.is_empty() || prefixes.iter().any(|prefix| key.to_lowercase().starts_with(prefix))
}

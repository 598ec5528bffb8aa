//! What the gateway answers over plain HTTP: a page for people, health for machines.

pub(crate) mod alone;
mod answer;
mod api;
mod body;
mod bundle;
mod caller;
mod events;
mod exchange;
mod framing;
mod history;
pub(crate) mod hooks;
mod login;
mod mission_control;
mod openai;
pub(crate) mod openapi;
mod page;
mod rpc;
mod sse;
mod tools;
mod turns;
mod ui_config;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::State as Shared,
    middleware::{Next, from_fn, from_fn_with_state},
    response::IntoResponse,
    routing::{any, get, post},
};
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use openclaw_auth::origin::host_is_loopback;
use openclaw_protocol::Scope;
use serde_json::json;

use crate::{
    connection::{Attribution, Peer},
    state::State,
};

pub(crate) use framing::check as framing;
pub(crate) use hooks::Hooks;
pub(crate) use login::LoginCodes;

/// Routes that answer whoever asks, so that load balancers and supervisors need no credential.
const OPEN: [&str; 4] = ["/health", "/healthz", "/ready", "/readyz"];

/// All pages.
pub(crate) fn router(state: &Arc<State>) -> Router {
    Router::new()
        .route("/api/login", post(login::redeem))
        .route("/control-ui-config.json", get(ui_config::answer))
        .route("/__openclaw/control-ui-config.json", get(ui_config::answer))
        .route_layer(from_fn_with_state(Arc::clone(state), only_while_enabled))
        .route("/health", get(health))
        .route("/healthz", get(health))
        .route("/ready", get(ready))
        .route("/readyz", get(ready))
        .route("/metrics", get(guarded_metrics))
        .route("/rpc", any(rpc::unnamed))
        .route("/rpc/", any(rpc::unnamed))
        .route("/rpc/{method}", post(rpc::call))
        .route("/openapi.json", get(openapi::serve))
        .route("/events", get(events::follow))
        .route("/tools/invoke", post(tools::invoke))
        .route("/sessions/{key}/history", get(history::history))
        .route("/v1/models", get(openai::models::list))
        .route("/v1/models/{*id}", get(openai::models::one))
        .route("/v1/chat/completions", post(openai::chat::complete))
        .route("/v1/responses", post(openai::responses::respond))
        .route("/v1/embeddings", post(openai::embeddings))
        .merge(api::routes())
        .method_not_allowed_fallback(answer::method_not_allowed)
        .fallback(elsewhere)
        .layer(from_fn(caller::counted))
        .with_state(Arc::clone(state))
}

async fn nothing() -> (StatusCode, &'static str) {
    (StatusCode::NOT_FOUND, "there is nothing at this address; the gateway's page is at /\n")
}

/// Addresses that the configuration decides about: hooks, then the web interface.
async fn elsewhere(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let config = Arc::clone(&state.active().loaded.config);
    match hooks::name(&config.hooks, request.uri().path()).map(str::to_owned) {
        Some(name) => hooks::answer(&state, request, &config.hooks, &name).await,
        None => interface(&state, &request.into_parts().0).await,
    }
}

/// The web interface: the files of `gateway.controlUi.root`, or Mission Control, or the small page of a build without it.
async fn interface(state: &State, parts: &Parts) -> Response<Body> {
    if !state.active().loaded.config.gateway.control_ui.enabled {
        return nothing().await.into_response();
    }
    let (method, path, headers) = (&parts.method, parts.uri.path(), &parts.headers);
    if let Some(root) = bundle::root(state) {
        return bundle::serve(&root, method, path, headers).await;
    }
    if openclaw_interface::is_built() {
        return match mission_control::serve(method, path, headers) {
            Some(answer) => answer,
            None => nothing().await.into_response(),
        };
    }
    let page = match path {
        "/" => page::index(state).into_response(),
        "/assets/gateway.css" => page::style().into_response(),
        "/assets/gateway.js" => page::script().into_response(),
        _ => return nothing().await.into_response(),
    };
    match *method {
        Method::GET | Method::HEAD => page,
        _ => (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")], "Method Not Allowed").into_response(),
    }
}

/// Serves a part of it as long as `gateway.controlUi.enabled` says so.
async fn only_while_enabled(Shared(state): Shared<Arc<State>>, request: Request<Body>, next: Next) -> Response<Body> {
    if state.active().loaded.config.gateway.control_ui.enabled {
        next.run(request).await
    } else {
        nothing().await.into_response()
    }
}

/// The figures, on their own listener.
pub(crate) fn metrics_router(state: &Arc<State>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .with_state(Arc::clone(state))
        .layer(axum::middleware::map_response(async |response| secured(response)))
}

async fn metrics(Shared(state): Shared<Arc<State>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], state.metrics.render())
}

/// The figures on the main port, for those who show the gateway's credential.
async fn guarded_metrics(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    match caller::caller_with(&state, &parts, "GET /metrics", Scope::Read).await {
        Ok(caller) if caller.principal.agent_id().is_some() => nothing().await.into_response(),
        Ok(_) => metrics(Shared(state)).await.into_response(),
        Err(refusal) => refusal,
    }
}

async fn health() -> impl IntoResponse {
    ([("x-openclaw-version", openclaw_protocol::VERSION)], Json(json!({ "ok": true, "status": "live" })))
}

async fn ready(Shared(state): Shared<Arc<State>>) -> impl IntoResponse {
    let failing: Vec<&str> = state.store.stats().fatal.is_some().then_some("store").into_iter().collect();
    let status = if failing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": failing.is_empty(), "failing": failing, "uptimeMs": state.uptime_ms() })))
}

/// Refuses requests whose sender cannot be attributed, and pages that another site makes a browser ask for.
pub(crate) fn check<B>(request: &Request<B>, peer: &Peer) -> Result<(), Box<Response<Body>>> {
    // An upgrade opens the gateway on any path, so the open pages are open to plain requests only.
    if OPEN.contains(&request.uri().path()) && !request.headers().contains_key(header::UPGRADE) {
        return Ok(());
    }
    if peer.attribution == Attribution::Unknown {
        let text = "Proxy client attribution is required: this request carries headers of a proxy that is not listed in \
                    gateway.trustedProxies. Add the proxy's address there, or make it strip those headers.";
        let body = Json(json!({ "error": { "message": text, "type": "proxy_attribution_required" } }));
        return Err(Box::new((StatusCode::FORBIDDEN, body).into_response()));
    }
    // A loopback listener answers to local names only, whatever name a foreign page made resolve to it (T03).
    let foreign = peer.host.as_deref().is_none_or(|host| !host_is_loopback(host) && !is_address(host));
    if peer.ip.is_loopback() && peer.attribution == Attribution::Direct && foreign {
        let text = "this gateway listens on this machine only; ask for it as localhost or 127.0.0.1\n";
        let upgrades = request.headers().contains_key(header::UPGRADE);
        let status = if upgrades { StatusCode::FORBIDDEN } else { StatusCode::MISDIRECTED_REQUEST };
        return Err(Box::new((status, text).into_response()));
    }
    Ok(())
}

/// What everybody is answered who is not on this machine while the gateway is locked down.
pub(crate) fn locked_down(why: &str) -> Response<Body> {
    answer::refused(StatusCode::SERVICE_UNAVAILABLE, "locked_down", why)
}

fn is_address(host: &str) -> bool {
    host.parse::<std::net::SocketAddr>().is_ok() || host.parse::<std::net::IpAddr>().is_ok()
}

/// As [`secured`], and with the promise that this name is served over TLS alone.
pub(crate) fn secured_with(response: Response<Body>, hsts: Option<&HeaderValue>) -> Response<Body> {
    let mut response = secured(response);
    if let Some(hsts) = hsts {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, hsts.clone());
    }
    response
}

/// Adds the headers that every answer carries (SPEC-NOTES 7).
pub(crate) fn secured(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

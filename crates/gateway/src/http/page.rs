//! The page at `/`: state, version, how to connect.

use axum::{
    http::header,
    response::{Html, IntoResponse},
};

use crate::state::State;

/// The page.
pub(super) fn index(state: &State) -> impl IntoResponse + use<> {
    let page = include_str!("page/index.html").replace("{{version}}", openclaw_protocol::VERSION);
    let model = if state.model_configured() { "a real model answers" } else { "the built-in demo answers" };
    ([(header::CACHE_CONTROL, "no-cache")], Html(page.replace("{{model}}", model)))
}

/// Its style.
pub(super) fn style() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")],
        include_str!("page/gateway.css"),
    )
}

/// Its script.
pub(super) fn script() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/javascript; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")],
        include_str!("page/gateway.js"),
    )
}

//! What other programs may ask over hooks.

use openclaw_core::Secret;

use super::gateway::exposed;
use crate::{Finding, Severity, View, catalogue::found};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    if !view.is_on("hooks.enabled") {
        return;
    }
    let mut add = |id: &str, severity, detail: &str| findings.push(found(id, severity, detail));
    if let Some(token) = view.text("hooks.token").map(str::trim).filter(|token| !token.is_empty()) {
        if [view.token(), view.password()].into_iter().flatten().any(|secret| secret.trim() == token) {
            add(
                "hooks.token_reuse_gateway_token",
                Severity::Critical,
                "hooks.token is the same as the gateway's credential, so every sender of hooks is an operator.",
            );
        }
        if token.chars().count() < Secret::LEAST {
            add("hooks.token_too_short", Severity::Warn, "hooks.token has fewer than 24 characters.");
        }
    }
    if view.text("hooks.path").is_some_and(|path| path.trim().trim_matches('/').is_empty()) {
        add("hooks.path_root", Severity::Critical, "hooks.path is /.");
    }
    if view.text("hooks.defaultSessionKey").is_none_or(|key| key.trim().is_empty()) {
        add(
            "hooks.default_session_key_unset",
            Severity::Warn,
            "hooks.defaultSessionKey is not set, so a busy sender makes many sessions.",
        );
    }
    let agents = view.get("hooks.allowedAgentIds").map(|_| view.list("hooks.allowedAgentIds"));
    if agents.is_none_or(|agents| agents.iter().any(|agent| agent.trim() == "*")) {
        add("hooks.allowed_agent_ids_unrestricted", exposed(view), "hooks.allowedAgentIds is not set, or holds *.");
    }
    if view.is_on("hooks.allowRequestSessionKey") {
        add(
            "hooks.request_session_key_enabled",
            exposed(view),
            "hooks.allowRequestSessionKey is true: a request says in which session it speaks.",
        );
        if view.list("hooks.allowedSessionKeyPrefixes").iter().all(|prefix| prefix.trim().is_empty()) {
            add(
                "hooks.request_session_key_prefixes_missing",
                exposed(view),
                "hooks.allowedSessionKeyPrefixes is empty, so the owner's own session is among them.",
            );
        }
    }
}

//! What is answered over plain HTTP.

use super::{gateway::exposed, listed};
use crate::{Finding, Severity, View, catalogue::found, tools::NOT_OVER_HTTP};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let endpoints: Vec<String> = [("chatCompletions", "/v1/chat/completions"), ("responses", "/v1/responses")]
        .into_iter()
        .filter(|(key, _)| view.is_on(&format!("gateway.http.endpoints.{key}.enabled")))
        .map(|(_, address)| address.to_owned())
        .collect();
    if !view.asks_for_a_credential() {
        let all = [vec!["/tools/invoke".to_owned()], endpoints.clone()].concat();
        findings.push(found("gateway.http.no_auth", exposed(view), listed("No credential is asked for at:", &all)));
    }
    if !endpoints.is_empty() {
        findings.push(found(
            "gateway.http.session_key_override_enabled",
            Severity::Info,
            listed("Requests name their session at:", &endpoints),
        ));
    }
    let dangerous: Vec<String> = view
        .list("gateway.tools.allow")
        .into_iter()
        .filter(|tool| NOT_OVER_HTTP.contains(&tool.as_str()) || tool.starts_with("conversations_"))
        .collect();
    if !dangerous.is_empty() {
        findings.push(found(
            "gateway.tools_invoke_http.dangerous_allow",
            exposed(view),
            format!("gateway.tools.allow holds {}.", dangerous.join(", ")),
        ));
    }
}

//! A program that a node asks about: the gateway asks people, and only the gateway tells the node that they said yes.

use std::collections::BTreeMap;

use openclaw_core::approval::{self, Ask, Decision, Security, Wanted};
use openclaw_protocol::{AgentId, SessionKey, WireError};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::{Order, table::Answer};
use crate::{
    approvals::{self, ExecAsk, Permit},
    call::Call,
};

/// What a node answers that wants to be told that people approved.
const WANTED: &str = "APPROVAL_REQUIRED";

/// What a caller wants to run, as far as people are shown it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wish {
    command: Vec<String>,
    #[serde(default)]
    cwd: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    agent_id: Option<AgentId>,
    #[serde(default)]
    session_key: Option<SessionKey>,
}

/// Refuses a command whose text says something else than its words: people and logs are shown the one, the node runs the other.
///
/// # Errors
/// Which of them is wrong.
pub(super) fn check_text(order: &Order) -> Result<(), WireError> {
    let refused = |text: String| Err(WireError::params(text).with("path", "params.params.rawCommand"));
    if order.command != "system.run" {
        return Ok(());
    }
    match order.params.as_ref().and_then(|params| params.get("rawCommand")) {
        None | Some(Value::Null) => Ok(()),
        Some(Value::String(raw)) => {
            let words = order.params.as_ref().and_then(|params| Vec::<String>::deserialize(&params["command"]).ok());
            match words {
                Some(words) => match approval::same_command(raw, &words) {
                    Ok(()) => Ok(()),
                    Err(mismatch) => refused(format!("rawCommand: {mismatch}")),
                },
                None => {
                    refused("rawCommand needs command beside it, the program and its arguments as a list".to_owned())
                }
            }
        }
        Some(_) => refused("rawCommand must be a string".to_owned()),
    }
}

/// Whether the node would run the program if people approved it.
pub(super) fn is_wanted(order: &Order, answer: &Answer) -> bool {
    let code = answer.error.as_ref().and_then(|(code, _)| code.as_deref());
    order.command == "system.run" && !answer.ok && code == Some(WANTED)
}

/// Asks people until the deadline. The parameters with which the node runs the program, or `None` when nobody approved.
///
/// # Errors
/// When nobody can be asked.
pub(super) async fn ask(call: &Call, order: &Order, deadline: Instant) -> Result<Option<String>, WireError> {
    let Some(params) = order.params.as_ref() else { return Ok(None) };
    let Ok(wish) = Wish::deserialize(params) else { return Ok(None) };
    let left = deadline.saturating_duration_since(Instant::now());
    let session = wish.session_key.map(|key| call.canonical(&key));
    let agent = wish.agent_id.or_else(|| session.as_ref().map(|key| call.agent_of(key)));
    let ask = ExecAsk {
        id: call.state().ids.uuid().to_string(),
        asked_by: approvals::person(call),
        asker: Some(call.conn().number),
        command: approval::quoted(&wish.command),
        argv: Some(wish.command),
        cwd: wish.cwd,
        host: Some("node".to_owned()),
        node_id: Some(order.node_id.to_string()),
        resolved_path: None,
        env: wish.env,
        // The node has decided that people are asked, whatever runs here without.
        wanted: Wanted { security: Some(Security::Allowlist), ask: Some(Ask::OnMiss) },
        warning: None,
        agent_id: agent.map(|agent| agent.to_string()),
        session_key: session.map(|key| key.to_string()),
        session_id: None,
        run_id: None,
        tool_call_id: None,
        once_only: false,
        timeout_ms: i64::try_from(left.as_millis()).unwrap_or(i64::MAX).max(1),
        without_reviewer: false,
        reviewers: Vec::new(),
        quiet: false,
    };
    let id = ask.id.clone();
    let detail = json!({ "kind": "exec", "host": "node", "nodeId": order.node_id });
    let audit = call.audit("approval.requested", "node.invoke", Some(order.node_id.to_string()), detail);
    let decided = match approvals::permit(call.state(), ask, audit).await? {
        Permit::Allowed(decision, _) => Some(decision),
        Permit::Refused(_) | Permit::NoRoute(_) => None,
        Permit::Asked(waiting, _) => match timeout_at(deadline, waiting.end()).await {
            Ok(Some(approval)) => {
                let allowed = approval.decision().filter(|decision| *decision != Decision::Deny);
                if allowed.is_some() {
                    // What is run now is not run again under the approval's name.
                    approvals::spent(call, "node.invoke", &id).await?;
                }
                allowed
            }
            Ok(None) => return Err(approvals::stopping()),
            Err(_) => None,
        },
    };
    Ok(decided.filter(|decision| *decision != Decision::Deny).map(|decision| approved(params, decision)))
}

/// Uses up the approval that a caller names. The parameters with which the node runs the program; `None` when it names none.
///
/// # Errors
/// When the approval does not allow exactly this.
pub(super) async fn redeem(call: &Call, order: &Order) -> Result<Option<String>, WireError> {
    let Some(params) = order.params.as_ref().filter(|params| params.get("approvalId").is_some()) else {
        return Ok(None);
    };
    let refused = |text: &str, path: &str| WireError::params(text.to_owned()).with("path", path.to_owned());
    if order.command != "system.run" {
        return Err(refused("approvalId belongs to system.run", "params.params.approvalId"));
    }
    let Some(id) = params["approvalId"].as_str() else {
        return Err(refused("approvalId must be a string", "params.params.approvalId"));
    };
    let wish = Wish::deserialize(params)
        .map_err(|error| refused(&format!("params of system.run cannot be read: {error}"), "params.params"))?;
    let session = wish.session_key.map(|key| call.canonical(&key));
    let agent = wish.agent_id.or_else(|| session.as_ref().map(|key| call.agent_of(key)));
    let run = approvals::Run {
        method: "node.invoke",
        argv: &wish.command,
        cwd: wish.cwd.as_deref(),
        env: &wish.env,
        agent_id: agent.as_ref().map(AgentId::as_str),
        session_key: session.as_ref().map(SessionKey::as_str),
        node_id: Some(order.node_id.as_str()),
        resolved_path: None,
    };
    let decision = approvals::redeem(call, id, &run).await?;
    let mut params = params.clone();
    if let Some(members) = params.as_object_mut() {
        members.remove("approvalId");
    }
    Ok(Some(approved(&params, decision)))
}

/// What the caller wants, with the word of people beside it. Callers cannot say that themselves.
fn approved(params: &Value, decision: Decision) -> String {
    let mut params = params.clone();
    params["approved"] = json!(true);
    params["approvalDecision"] = json!(decision.as_str());
    params.to_string()
}

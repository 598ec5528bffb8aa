//! From what a request says to the agent, the session and the run that it means.

use http::HeaderMap;
use openclaw_protocol::{AgentId, RunId, SessionKey, WireError};
use sha2::{Digest, Sha256};

use super::Problem;
use crate::{http::caller::Caller, state::State};

/// Names of sessions that belong to other parts of the gateway.
const RESERVED: [&str; 4] = ["subagent:", "cron:", "acp:", "hook:"];

/// Which agent is meant.
pub(super) fn agent(
    state: &State,
    caller: &Caller,
    headers: &HeaderMap,
    model: Option<&str>,
) -> Result<AgentId, Problem> {
    let own = || caller.principal.agent_id().cloned().unwrap_or_else(|| state.default_agent());
    let named = header(headers, "x-openclaw-agent-id");
    let named = match (named, model.map(str::trim)) {
        (Some(named), _) => named.to_owned(),
        (None, None | Some("openclaw" | "openclaw/default" | "openclaw:default")) => return Ok(own()),
        (None, Some(model)) => {
            let agent = ["openclaw/", "openclaw:", "agent:"].iter().find_map(|prefix| model.strip_prefix(prefix));
            let Some(agent) = agent.filter(|agent| !agent.is_empty()) else {
                let text = "Invalid `model`. Use `openclaw` or `openclaw/<agentId>`.";
                return Err(Problem::invalid(Some("model"), text));
            };
            agent.to_owned()
        }
    };
    let agent = AgentId::new(named).map_err(|error| Problem::invalid(Some("model"), error.to_string()))?;
    Ok(state
        .agent(&agent)
        .map_err(|error| {
            let problem = Problem::from(error);
            Problem { param: Some("model".to_owned()), code: Some("model_not_found".to_owned()), ..problem }
        })?
        .id)
}

/// Where a request is said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a conversation that goes on.
    Lasting(SessionKey),
    /// In one of its own.
    Own(SessionKey),
}

/// The session of a request: the one that is named, the one of its user, or one of its own.
pub(super) fn session(
    state: &State,
    agent: &AgentId,
    headers: &HeaderMap,
    user: Option<&str>,
    run_id: &RunId,
) -> Result<Place, Problem> {
    let key = |text: String| SessionKey::new(text).map_err(|error| Problem::from(WireError::params(error.to_string())));
    if let Some(named) = header(headers, "x-openclaw-session-key") {
        let full = key(named.to_owned())?.canonical(&state.default_agent());
        // A bare word is a session of the agent that is asked, as everywhere.
        let full = if named.starts_with("agent:") { full } else { key(format!("agent:{agent}:{named}"))? };
        if let Some(word) = RESERVED.iter().find(|word| full.rest().to_ascii_lowercase().starts_with(*word)) {
            let text = format!("invalid x-openclaw-session-key: `{word}` sessions belong to the gateway itself");
            return Err(Problem::invalid(None, text));
        }
        return Ok(Place::Lasting(full));
    }
    match user.map(str::trim).filter(|user| !user.is_empty()) {
        Some(user) => Ok(Place::Lasting(key(format!("agent:{agent}:openai-user:{}", digest(&[user])))?)),
        None => Ok(Place::Own(key(format!("agent:{agent}:openai:{run_id}"))?)),
    }
}

/// The name of a run: of its own, or the same again for a request that is sent again with the same `Idempotency-Key`.
pub(super) fn run_id(state: &State, caller: &Caller, headers: &HeaderMap, prefix: &str) -> Result<RunId, Problem> {
    let name = match header(headers, "idempotency-key") {
        Some(key) => digest(&[&caller.principal.audit_name(), key]),
        None => state.ids.uuid().simple().to_string(),
    };
    RunId::new(format!("{prefix}{name}")).map_err(|error| Problem::invalid(None, error.to_string()))
}

/// The model that is to answer for the agent.
pub(super) fn backend(headers: &HeaderMap) -> Option<String> {
    header(headers, "x-openclaw-model").map(str::to_owned)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty())
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    openclaw_core::hex(&hash.finalize()[..16])
}

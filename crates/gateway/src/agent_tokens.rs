//! The tokens of agents, in memory beside the store, and what their holders may call (SPEC-NOTES 28).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_auth::{Principal, tokens::hash_token};
use openclaw_core::record::AgentToken;
use openclaw_protocol::{AgentId, SessionKey, WireError, detail};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{state::State, window::Window};

/// How these tokens begin, so that they are told from other secrets.
pub(crate) const PREFIX: &str = "oat_";
/// Wrong tokens that one address may show in a minute.
const TRIES: usize = 20;
const MINUTE_MS: i64 = 60_000;

/// The table. Whoever changes a token in the store puts the outcome here, with the number of its transaction.
#[derive(Debug)]
pub(crate) struct AgentTokens {
    tokens: Mutex<HashMap<AgentId, (AgentToken, i64)>>,
    tries: Window,
}

/// What a shown token turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The live token of this agent.
    Live(AgentId),
    /// One that this agent had, with the word for the log.
    Former(AgentId, &'static str),
    /// Nobody's.
    Unknown,
}

impl AgentTokens {
    /// The tokens that the store holds.
    pub(crate) fn new(tokens: Vec<AgentToken>) -> Self {
        let tokens = tokens.into_iter().map(|token| (token.agent_id.clone(), (token, 0))).collect();
        Self { tokens: Mutex::new(tokens), tries: Window::new(MINUTE_MS) }
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<AgentId, (AgentToken, i64)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the store says after this transaction.
    pub(crate) fn put(&self, token: AgentToken, seq: i64) {
        let mut tokens = self.tokens();
        if tokens.get(&token.agent_id).is_none_or(|(_, known)| *known <= seq) {
            tokens.insert(token.agent_id.clone(), (token, seq));
        }
    }

    /// All of them, by agent.
    pub(crate) fn list(&self) -> Vec<AgentToken> {
        let mut list: Vec<AgentToken> = self.tokens().values().map(|(token, _)| token.clone()).collect();
        list.sort_by(|left, right| left.agent_id.cmp(&right.agent_id));
        list
    }

    /// What a token is. Hashes are compared, so that the time tells nothing about a token.
    pub(crate) fn look_up(&self, token: &str) -> Shown {
        let hash = hash_token(token);
        let tokens = self.tokens();
        let mut known = tokens.values().map(|(token, _)| token);
        let found = known.find(|token| token.hash == hash || token.replaced_hash.as_ref() == Some(&hash));
        match found {
            Some(token) if token.hash != hash => Shown::Former(token.agent_id.clone(), "agent_token_replaced"),
            Some(token) if token.revoked_at.is_some() => Shown::Former(token.agent_id.clone(), "agent_token_revoked"),
            Some(token) => Shown::Live(token.agent_id.clone()),
            None => Shown::Unknown,
        }
    }

    /// How long an address must wait that showed too many wrong tokens, milliseconds.
    pub(crate) fn wait(&self, ip: IpAddr, now: i64) -> Option<u64> {
        self.tries.wait(ip, TRIES, now)
    }

    /// Counts a wrong token.
    pub(crate) fn failed(&self, ip: IpAddr, now: i64) {
        self.tries.count(ip, now);
    }
}

/// Methods that a holder of an agent's token may call, beside those that are about no agent. Each names its agent or session.
const OWN: [&str; 11] = [
    "agent",
    "agent.identity.get",
    "agents.files.get",
    "agents.files.list",
    "chat.abort",
    "chat.history",
    "chat.send",
    "chat.startup",
    "sessions.describe",
    "sessions.list",
    "sessions.preview",
];
/// Methods that are about no agent.
const ABOUT_NONE: [&str; 2] = ["health", "ping"];

/// What parameters name.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Named {
    agent_id: Option<AgentId>,
    session_key: Option<SessionKey>,
    key: Option<SessionKey>,
    keys: Vec<SessionKey>,
    session_id: Option<String>,
}

/// Refuses a holder of an agent's token whatever is not that agent's.
///
/// # Errors
/// The method is not among its methods, or its parameters name another agent, or none.
pub(crate) fn only_own(
    state: &State,
    principal: &Principal,
    method: &str,
    params: Option<&RawValue>,
) -> Result<(), WireError> {
    let Some(agent) = principal.agent_id() else { return Ok(()) };
    if ABOUT_NONE.contains(&method) {
        return Ok(());
    }
    if !OWN.contains(&method) {
        return Err(foreign(format!("the token of agent \"{agent}\" is not good for this method")));
    }
    let named: Named =
        params.map(|params| serde_json::from_str(params.get())).transpose().ok().flatten().unwrap_or_default();
    let default = state.default_agent();
    let mut sessions = [named.session_key, named.key].into_iter().flatten().chain(named.keys).peekable();
    if named.session_id.is_some() || (named.agent_id.is_none() && sessions.peek().is_none()) {
        let text = format!(
            "the token of agent \"{agent}\" is good for that agent alone: name it in agentId, or one of its sessions by key"
        );
        return Err(foreign(text));
    }
    let is_foreign = named.agent_id.is_some_and(|named| named != *agent)
        || sessions.any(|key| key.canonical(&default).agent().as_ref() != Some(agent));
    if is_foreign {
        return Err(foreign(format!("the token of agent \"{agent}\" is good for that agent and its sessions alone")));
    }
    Ok(())
}

/// The same for a session that no method was asked about.
///
/// # Errors
/// The session belongs to another agent.
pub(crate) fn only_own_session(state: &State, principal: &Principal, key: &SessionKey) -> Result<(), WireError> {
    match principal.agent_id() {
        Some(agent) if key.canonical(&state.default_agent()).agent().as_ref() != Some(agent) => {
            Err(foreign(format!("the token of agent \"{agent}\" is good for that agent and its sessions alone")))
        }
        _ => Ok(()),
    }
}

fn foreign(text: String) -> WireError {
    WireError::new(openclaw_protocol::ErrorCode::Forbidden, detail::MISSING_SCOPE, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str) -> AgentToken {
        AgentToken {
            agent_id: AgentId::new("main").unwrap(),
            hash: hash_token(text),
            replaced_hash: Some(hash_token("before")),
            created_at: 1,
            rotated_at: None,
            revoked_at: None,
        }
    }

    #[test]
    fn a_token_is_live_former_or_nobodys() {
        let main = || AgentId::new("main").unwrap();
        let tokens = AgentTokens::new(vec![token("now")]);
        assert_eq!(tokens.look_up("now"), Shown::Live(main()));
        assert_eq!(tokens.look_up("before"), Shown::Former(main(), "agent_token_replaced"));
        assert_eq!(tokens.look_up("guess"), Shown::Unknown);
        tokens.put(AgentToken { revoked_at: Some(5), ..token("now") }, 7);
        assert_eq!(tokens.look_up("now"), Shown::Former(main(), "agent_token_revoked"));
        tokens.put(token("late"), 6);
        assert_eq!(tokens.look_up("late"), Shown::Unknown, "an older outcome changes nothing");
    }

    #[test]
    fn the_twenty_first_wrong_token_of_a_minute_waits() {
        let tokens = AgentTokens::new(Vec::new());
        let ip = "192.0.2.1".parse().unwrap();
        for time in 0..20 {
            assert_eq!(tokens.wait(ip, time), None);
            tokens.failed(ip, time);
        }
        assert_eq!(tokens.wait(ip, 20), Some(59_980));
        assert_eq!(tokens.wait(ip, 60_000), None);
    }
}

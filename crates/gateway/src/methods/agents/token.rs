//! What the methods about agents' tokens share.

use openclaw_core::{Secret, record::AgentToken};
use openclaw_store::{AgentTokenChange, Change, Outcome, Transaction};

use crate::{agent_tokens::PREFIX, methods::prelude::*};

/// An agent's token as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    agent_id: AgentId,
    /// Names the token: the beginning of its hash.
    fingerprint: String,
    /// When the agent got its first token.
    created_at_ms: i64,
    /// When this one took the place of another.
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at_ms: Option<i64>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at_ms: Option<i64>,
    /// Whether it lets its holder in.
    status: Status,
}

/// Whether a token lets its holder in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Live,
    Revoked,
}

impl Row {
    pub(super) fn of(token: &AgentToken) -> Self {
        Self {
            agent_id: token.agent_id.clone(),
            fingerprint: token.fingerprint().to_owned(),
            created_at_ms: token.created_at,
            rotated_at_ms: token.rotated_at,
            revoked_at_ms: token.revoked_at,
            status: if token.revoked_at.is_some() { Status::Revoked } else { Status::Live },
        }
    }
}

/// A token that was made, with the token itself.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issued {
    agent_id: AgentId,
    /// The token. It is kept as a hash, so nobody can show it again.
    token: String,
    fingerprint: String,
    created_at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at_ms: Option<i64>,
}

impl Issued {
    pub(super) fn new(kept: &AgentToken, token: &Secret) -> Self {
        Self {
            agent_id: kept.agent_id.clone(),
            token: token.expose().to_owned(),
            fingerprint: kept.fingerprint().to_owned(),
            created_at_ms: kept.created_at,
            rotated_at_ms: kept.rotated_at,
        }
    }
}

/// A token that nobody has yet.
pub(super) fn fresh(call: &Call) -> Secret {
    Secret::new(format!("{PREFIX}{}", call.state().ids.token().expose()))
}

/// Makes a change and puts what came of it in force.
pub(super) async fn change(
    call: &Call,
    method: &str,
    event: &str,
    agent: &AgentId,
    change: AgentTokenChange,
) -> Result<AgentToken, WireError> {
    let state = call.state();
    let audit = call.audit(event, method, Some(agent.to_string()), Value::Null);
    let changes = vec![Change::AgentToken(change)];
    let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
    let committed = written.map_err(|error| fault::store(&error))?;
    let seq = committed.seq;
    for outcome in committed.outcomes {
        if let Outcome::AgentToken(token) = outcome {
            state.agent_tokens.put(token.clone(), seq);
            return Ok(token);
        }
    }
    Err(WireError::unavailable(detail::INTERNAL, "the store did not tell what came of the change"))
}

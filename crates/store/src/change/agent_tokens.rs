//! What may be changed about the tokens of agents.

use openclaw_core::record::AgentToken;
use openclaw_protocol::AgentId;

/// A change of an agent's token.
#[derive(Clone, Debug)]
pub enum AgentTokenChange {
    /// Keeps the first token of an agent, or the first after a withdrawal. [`Error::Conflict`](crate::Error::Conflict) when it has a
    /// live one.
    Create {
        /// The token, hashed.
        token: AgentToken,
    },
    /// Replaces an agent's live token. [`Error::NotFound`](crate::Error::NotFound) when it has none.
    Rotate {
        /// Whose.
        agent_id: AgentId,
        /// SHA-256 of the new token, hex.
        hash: String,
        /// When.
        at: i64,
    },
    /// Withdraws an agent's live token. [`Error::NotFound`](crate::Error::NotFound) when it has none.
    Revoke {
        /// Whose.
        agent_id: AgentId,
        /// When.
        at: i64,
    },
}

//! Tokens that let an agent's program speak for its agent (SPEC-NOTES 28).

use openclaw_protocol::AgentId;
use serde::{Deserialize, Serialize};

/// An agent's token, kept as a hash. Each agent has at most one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentToken {
    /// Whose it is.
    pub agent_id: AgentId,
    /// SHA-256 of the token, hex.
    pub hash: String,
    /// Of the token before it, so that whoever still shows that one can be told from a guesser.
    pub replaced_hash: Option<String>,
    /// When the agent got its first token.
    pub created_at: i64,
    /// When this one took the place of another.
    pub rotated_at: Option<i64>,
    /// When it was withdrawn.
    pub revoked_at: Option<i64>,
}

impl AgentToken {
    /// Names the token to people without telling anything of it: the beginning of its hash.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }
}

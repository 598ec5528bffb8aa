//! Tokens of agents.

use openclaw_core::record::AgentToken;

use super::Reader;
use crate::{error::Error, rows};

impl Reader {
    /// The token of every agent that ever had one, by agent.
    ///
    /// # Errors
    /// As [`Reader::get_session`].
    pub fn agent_tokens(&self) -> Result<Vec<AgentToken>, Error> {
        self.many("SELECT opened('agent_tokens.doc', agent_id, doc) FROM agent_tokens ORDER BY agent_id", [], |row| {
            rows::json(row, 0, "agent token")
        })
    }
}

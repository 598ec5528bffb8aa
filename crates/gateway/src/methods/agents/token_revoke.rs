//! `agents.token.revoke`: withdraws an agent's token.

use openclaw_store::AgentTokenChange;

use super::token::{self, Row};
use crate::methods::prelude::*;

params! {
    /// Whose.
    {
        /// An agent that has a token; it need not be configured any more.
        agent_id: AgentId,
    } understood {}
}

pub(crate) struct TokenRevoke;

impl Method for TokenRevoke {
    const NAME: &'static str = "agents.token.revoke";
    const ABOUT: &'static str = "Withdraws an agent's token; it ends at once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("agent.token.revoked");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Row;

    async fn call(call: Call, params: Params) -> Result<Row, WireError> {
        let change = AgentTokenChange::Revoke { agent_id: params.agent_id.clone(), at: call.now_ms() };
        let kept = token::change(&call, Self::NAME, "agent.token.revoked", &params.agent_id, change).await?;
        Ok(Row::of(&kept))
    }
}

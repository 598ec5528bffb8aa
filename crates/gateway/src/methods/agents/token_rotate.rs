//! `agents.token.rotate`: replaces an agent's token; the one before ends at once.

use openclaw_auth::tokens::hash_token;
use openclaw_store::AgentTokenChange;

use super::token::{self, Issued};
use crate::methods::prelude::*;

params! {
    /// Whose.
    {
        /// An agent that has a token.
        agent_id: AgentId,
    } understood {}
}

pub(crate) struct TokenRotate;

impl Method for TokenRotate {
    const NAME: &'static str = "agents.token.rotate";
    const ABOUT: &'static str = "Replaces an agent's token, and shows the new one once; the old one ends at once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("agent.token.rotated");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Issued;

    async fn call(call: Call, params: Params) -> Result<Issued, WireError> {
        let agent = call.state().agent(&params.agent_id)?.id;
        let fresh = token::fresh(&call);
        let hash = hash_token(fresh.expose());
        let change = AgentTokenChange::Rotate { agent_id: agent.clone(), hash, at: call.now_ms() };
        let kept = token::change(&call, Self::NAME, "agent.token.rotated", &agent, change).await?;
        Ok(Issued::new(&kept, &fresh))
    }
}

//! `agents.token.create`: gives an agent its token, shown this once.

use openclaw_auth::tokens::hash_token;
use openclaw_core::record::AgentToken;
use openclaw_store::AgentTokenChange;

use super::token::{self, Issued};
use crate::methods::prelude::*;

params! {
    /// For whom.
    {
        /// An agent that is configured.
        agent_id: AgentId,
    } understood {}
}

pub(crate) struct TokenCreate;

impl Method for TokenCreate {
    const NAME: &'static str = "agents.token.create";
    const ABOUT: &'static str = "Gives an agent a token of its own for HTTP, and shows it once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("agent.token.created");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Issued;

    async fn call(call: Call, params: Params) -> Result<Issued, WireError> {
        let agent = call.state().agent(&params.agent_id)?.id;
        let (now, fresh) = (call.now_ms(), token::fresh(&call));
        let record = AgentToken {
            agent_id: agent.clone(),
            hash: hash_token(fresh.expose()),
            replaced_hash: None,
            created_at: now,
            rotated_at: None,
            revoked_at: None,
        };
        let change = AgentTokenChange::Create { token: record };
        let kept = token::change(&call, Self::NAME, "agent.token.created", &agent, change).await?;
        Ok(Issued::new(&kept, &fresh))
    }
}

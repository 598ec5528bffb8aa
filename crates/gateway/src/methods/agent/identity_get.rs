//! `agent.identity.get`: who an agent is.

use crate::methods::prelude::*;

params! {
    /// Which agent.
    {
        /// Its id; the default agent when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// One of its sessions, instead of its id.
        #[serde(default)]
        session_key: Option<SessionKey>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Name for people.
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
}

pub(crate) struct IdentityGet;

impl Method for IdentityGet {
    const NAME: &'static str = "agent.identity.get";
    const ABOUT: &'static str = "Who an agent is: name, avatar, emoji.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let id = match (params.agent_id, params.session_key) {
            (Some(id), _) => id,
            (None, Some(key)) => call.agent_of(&call.canonical(&key)),
            (None, None) => state.default_agent(),
        };
        let agent = state.agent(&id)?;
        Ok(Reply {
            name: agent.name.unwrap_or_else(|| "Assistant".to_owned()),
            agent_id: agent.id,
            avatar: agent.avatar,
            emoji: agent.emoji,
        })
    }
}

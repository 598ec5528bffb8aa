//! `tools.effective`: tools that runs of a session may use.

use crate::methods::{prelude::*, ui::Empty};

params! {
    /// Where.
    {
        /// Which agent; the session's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Which session.
        session_key: SessionKey,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Which set of tools is in force.
    profile: &'static str,
    /// The tools by group.
    groups: Empty,
}

pub(crate) struct Effective;

impl Method for Effective {
    const NAME: &'static str = "tools.effective";
    const ABOUT: &'static str = "Tools that runs of a session may use: none is there yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let key = call.canonical(&params.session_key);
        let agent = call.state().agent(&params.agent_id.unwrap_or_else(|| call.agent_of(&key)))?;
        Ok(Reply { agent_id: agent.id, profile: "minimal", groups: [] })
    }
}

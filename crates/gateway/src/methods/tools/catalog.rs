//! `tools.catalog`: tools that an agent could use.

use crate::methods::{prelude::*, ui::Empty};

params! {
    /// For whom.
    {
        /// Which agent; the default one when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood { include_plugins }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Sets of tools that a configuration can name.
    profiles: [Profile; 4],
    /// Tools by group.
    groups: Empty,
}

/// A set of tools.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Profile {
    id: &'static str,
    label: &'static str,
}

const PROFILES: [Profile; 4] = [
    Profile { id: "minimal", label: "Minimal" },
    Profile { id: "coding", label: "Coding" },
    Profile { id: "messaging", label: "Messaging" },
    Profile { id: "full", label: "Full" },
];

pub(crate) struct Catalog;

impl Method for Catalog {
    const NAME: &'static str = "tools.catalog";
    const ABOUT: &'static str = "Tools that an agent could use: none is there yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let agent = state.agent(&params.agent_id.unwrap_or_else(|| state.default_agent()))?;
        Ok(Reply { agent_id: agent.id, profiles: PROFILES, groups: [] })
    }
}

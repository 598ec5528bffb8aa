//! `agents.list`: the agents and who they are.

use crate::{methods::prelude::*, settings::AgentSettings};

params! {
    /// Nothing is needed.
    {} understood { include_system }
}

/// The agents.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The one that answers when none is named.
    default_id: AgentId,
    /// Name of an agent's main session.
    main_key: &'static str,
    /// How conversations become sessions.
    scope: &'static str,
    /// From version 4 on: nobody else owns this list.
    #[serde(skip_serializing_if = "Option::is_none")]
    ownership: Option<&'static str>,
    /// From version 4 on: nobody has to choose before something can be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    selection_required: Option<bool>,
    /// The default one first.
    agents: Vec<Agent>,
}

/// An agent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Agent {
    id: AgentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    identity: Identity,
    /// The folder it works in.
    workspace: String,
    model: Model,
    /// How much its model thinks when nobody says.
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_default: Option<&'static str>,
}

/// How an agent looks.
#[derive(Serialize, JsonSchema)]
struct Identity {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
}

/// What answers for an agent.
#[derive(Serialize, JsonSchema)]
struct Model {
    /// `provider/model`.
    primary: String,
    /// What stands in for it, in order.
    fallbacks: Vec<String>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "agents.list";
    const ABOUT: &'static str = "The agents, their identity, their folder and their model.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let is_latest = call.dialect() == Dialect::V4;
        let agent = |agent: AgentSettings| Agent {
            workspace: state.workspace(&agent).display().to_string(),
            model: Model { primary: state.agent_model(&agent).to_string(), fallbacks: agent.fallbacks },
            identity: Identity {
                name: agent.name.clone(),
                emoji: agent.emoji,
                avatar: agent.avatar,
                theme: agent.theme,
            },
            id: agent.id,
            name: agent.name,
            thinking_default: agent.thinking,
        };
        Ok(Reply {
            default_id: state.default_agent(),
            main_key: "main",
            scope: "per-sender",
            ownership: is_latest.then_some("sole"),
            selection_required: is_latest.then_some(false),
            agents: state.agents().into_iter().map(agent).collect(),
        })
    }
}

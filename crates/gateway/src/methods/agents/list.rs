//! `agents.list`: the agents and who they are.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { include_system }
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "agents.list";
    const ABOUT: &'static str = "The agents, their identity and their model.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let state = call.state();
        let agents: Vec<Value> = state
            .agents()
            .iter()
            .map(|agent| {
                let mut identity = json!({});
                for (name, value) in
                    [("name", &agent.name), ("emoji", &agent.emoji), ("avatar", &agent.avatar), ("theme", &agent.theme)]
                {
                    if let Some(value) = value {
                        identity[name] = json!(value);
                    }
                }
                let mut row = json!({
                    "id": agent.id,
                    "identity": identity,
                    "model": { "primary": state.agent_model(agent).to_string(), "fallbacks": agent.fallbacks },
                });
                if let Some(name) = &agent.name {
                    row["name"] = json!(name);
                }
                if let Some(workspace) = &agent.workspace {
                    row["workspace"] = json!(workspace);
                }
                row
            })
            .collect();
        let mut reply =
            json!({ "defaultId": state.default_agent(), "mainKey": "main", "scope": "per-sender", "agents": agents });
        if call.dialect() == Dialect::V4 {
            reply["ownership"] = json!("sole");
            reply["selectionRequired"] = json!(false);
        }
        Ok(reply)
    }
}

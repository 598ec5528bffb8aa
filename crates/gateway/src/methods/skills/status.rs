//! `skills.status`: The skills and what they lack: none are installed.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { agent_id session_key }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "skills.status";
    const ABOUT: &'static str = "The skills and what they lack: none are installed.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let state = call.state();
        let workspace = state.agents().first().and_then(|agent| agent.workspace.clone());
        let workspace = workspace.unwrap_or_else(|| state.state_dir.join("workspace").display().to_string());
        let managed = state.state_dir.join("skills").display().to_string();
        Ok(json!({ "workspaceDir": workspace, "managedSkillsDir": managed, "skills": [] }))
    }
}

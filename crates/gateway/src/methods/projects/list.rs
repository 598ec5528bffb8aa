//! `projects.list`: folders that agents work in: their workspaces.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { include_observed }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    projects: Vec<Project>,
    /// Folders that were used last; nobody counts that.
    recents: [String; 0],
}

/// A folder.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Project {
    id: String,
    /// Name for people.
    display_name: String,
    repo_root: String,
    /// Always `workspace`.
    source: &'static str,
    /// Whose workspace it is.
    agent_id: AgentId,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "projects.list";
    const ABOUT: &'static str = "Folders that agents work in: the workspaces that are configured.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let agents = call.state().agents().into_iter();
        let projects = agents.filter_map(|agent| {
            Some(Project {
                id: format!("workspace:{}", agent.id),
                display_name: agent.name.unwrap_or_else(|| agent.id.to_string()),
                repo_root: agent.workspace?,
                source: "workspace",
                agent_id: agent.id,
            })
        });
        Ok(Reply { projects: projects.collect(), recents: [] })
    }
}

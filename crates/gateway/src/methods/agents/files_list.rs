//! `agents.files.list`: the files that make an agent who it is.

use super::files::{self, File};
use crate::{methods::prelude::*, workspace};

params! {
    /// Which agent.
    { agent_id: AgentId, } understood {}
}

/// The files of an agent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Its folder.
    workspace: String,
    /// Every file that it may have.
    files: Vec<File>,
}

pub(crate) struct FilesList;

impl Method for FilesList {
    const NAME: &'static str = "agents.files.list";
    const ABOUT: &'static str = "The files that make an agent who it is, there or not.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let workspace = files::workspace(&call, &params.agent_id)?;
        let folder = workspace.clone();
        let files = workspace::within(move || files::all(&folder)).await?;
        Ok(Reply { agent_id: params.agent_id, workspace, files })
    }
}

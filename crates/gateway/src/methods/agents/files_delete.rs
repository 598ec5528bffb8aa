//! `agents.files.delete`: removes one of an agent's files.

use super::files::{self, File, Use};
use crate::{
    methods::prelude::*,
    workspace::{self, Folder},
};

params! {
    /// Which file of which agent.
    {
        agent_id: AgentId,
        /// `AGENTS.md`, `SOUL.md`, …
        name: String,
    } understood {}
}

/// That it is gone.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    agent_id: AgentId,
    /// Its folder.
    workspace: String,
    /// Whether it was there.
    deleted: bool,
    file: File,
}

pub(crate) struct FilesDelete;

impl Method for FilesDelete {
    const NAME: &'static str = "agents.files.delete";
    const ABOUT: &'static str = "Removes one of an agent's files.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("file.deleted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let workspace = files::workspace(&call, &params.agent_id)?;
        let (name, inside) = files::named(&params.name, Use::Any)?;
        let folder = workspace.clone();
        let removed = workspace::within(move || match Folder::open(folder.as_ref())? {
            Some(folder) => folder.remove(&inside),
            None => Ok(false),
        });
        let deleted = removed.await?;
        let file = File::of(name, &workspace, None, None);
        if deleted {
            files::audited::<Self>(&call, "file.deleted", file.path().to_owned(), None).await?;
        }
        Ok(Reply { ok: true, agent_id: params.agent_id, workspace, deleted, file })
    }
}

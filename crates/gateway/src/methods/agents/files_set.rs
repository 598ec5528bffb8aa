//! `agents.files.set`: writes one of an agent's files.

use super::files::{self, FILE_BYTES, File, Use};
use crate::{
    methods::prelude::*,
    workspace::{self, Folder},
};

params! {
    /// Which file of which agent, and what it is to say.
    {
        agent_id: AgentId,
        /// `AGENTS.md`, `SOUL.md`, …
        name: String,
        /// All of it, at most 512 KiB.
        content: String,
    } understood {}
}

/// The file as it is now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    agent_id: AgentId,
    /// Its folder.
    workspace: String,
    file: File,
}

pub(crate) struct FilesSet;

impl Method for FilesSet {
    const NAME: &'static str = "agents.files.set";
    const ABOUT: &'static str = "Writes one of an agent's files, whole or not at all.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("file.written");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let workspace = files::workspace(&call, &params.agent_id)?;
        let (name, inside) = files::named(&params.name, Use::Write)?;
        if params.content.len() as u64 > FILE_BYTES {
            let text = format!(
                "invalid agents.files.set params: at /content: has {} bytes, at most {FILE_BYTES} are possible",
                params.content.len()
            );
            return Err(WireError::params(text).with("path", "params.content"));
        }
        let (folder, draft, content) = (workspace.clone(), call.state().ids.uuid().to_string(), params.content);
        let (seen, content) = workspace::within(move || {
            let seen = Folder::make(folder.as_ref())?.write(&inside, content.as_bytes(), &draft)?;
            Ok((seen, content))
        })
        .await?;
        let audited = Some(content.clone().into_bytes());
        let file = File::of(name, &workspace, Some(seen), Some(content));
        files::audited::<Self>(&call, "file.written", file.path().to_owned(), audited.as_deref()).await?;
        Ok(Reply { ok: true, agent_id: params.agent_id, workspace, file })
    }
}

//! `agents.files.get`: what one of an agent's files says.

use super::files::{self, FILE_BYTES, File, Use};
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

/// One file of an agent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Its folder.
    workspace: String,
    file: File,
}

pub(crate) struct FilesGet;

impl Method for FilesGet {
    const NAME: &'static str = "agents.files.get";
    const ABOUT: &'static str = "What one of an agent's files says; one that is not there is told as missing.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let workspace = files::workspace(&call, &params.agent_id)?;
        let (name, inside) = files::named(&params.name, Use::Any)?;
        let folder = workspace.clone();
        let read = workspace::within(move || match Folder::open(folder.as_ref())? {
            Some(folder) => folder.read(&inside, FILE_BYTES),
            None => Ok(None),
        });
        let read = read.await?;
        let (seen, content) = match read {
            None => (None, None),
            Some((bytes, seen)) => {
                let text = String::from_utf8(bytes).map_err(|_| {
                    WireError::invalid(
                        detail::FILE_REFUSED,
                        format!("{name} of agent \"{}\" is not UTF-8 text", params.agent_id),
                    )
                })?;
                (Some(seen), Some(text))
            }
        };
        let file = File::of(name, &workspace, seen, content);
        if seen.is_some() {
            call.state().audit_detached(call.audit("file.read", Self::NAME, Some(file.path().to_owned()), Value::Null));
        }
        Ok(Reply { agent_id: params.agent_id, workspace, file })
    }
}

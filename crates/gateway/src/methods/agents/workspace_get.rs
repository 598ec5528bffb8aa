//! `agents.workspace.get`: what a file in an agent's folder holds.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{files, roster};
use crate::{
    methods::prelude::*,
    workspace::{self, Folder, Inside},
};

params! {
    /// Which file of which agent.
    {
        agent_id: AgentId,
        /// In the workspace, with `/` between names.
        path: String,
    } understood {}
}

/// A file of an agent's folder.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    file: Content,
}

/// A file with what it holds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Content {
    /// In the workspace.
    path: String,
    name: String,
    /// Bytes.
    size: u64,
    /// When it was last written, milliseconds since the epoch.
    updated_at_ms: u64,
    /// As its name says.
    mime_type: &'static str,
    /// `utf8` or `base64`.
    encoding: &'static str,
    content: String,
}

pub(crate) struct WorkspaceGet;

impl Method for WorkspaceGet {
    const NAME: &'static str = "agents.workspace.get";
    const ABOUT: &'static str = "What a file in an agent's folder holds, up to 512 KiB.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let path = Inside::parse(&params.path).map_err(|what| roster::bad::<Self>("path", what))?;
        let workspace = files::workspace(&call, &params.agent_id)?;
        let (folder, inside) = (workspace.clone(), path.clone());
        let read = workspace::within(move || match Folder::open(folder.as_ref())? {
            Some(folder) => folder.read(&inside, files::FILE_BYTES),
            None => Ok(None),
        });
        let Some((bytes, seen)) = read.await? else {
            return Err(WireError::not_found(format!("there is no file {path} in the workspace: no such file")));
        };
        let whole = std::path::Path::new(&workspace).join(&params.path).display().to_string();
        call.state().audit_detached(call.audit("file.read", Self::NAME, Some(whole), Value::Null));
        let (encoding, content) = match String::from_utf8(bytes) {
            Ok(text) => ("utf8", text),
            Err(error) => ("base64", STANDARD.encode(error.into_bytes())),
        };
        let path = path.to_string();
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        Ok(Reply {
            agent_id: params.agent_id,
            file: Content {
                mime_type: mime_type(&name, encoding),
                path,
                name,
                size: seen.size,
                updated_at_ms: seen.updated_at_ms,
                encoding,
                content,
            },
        })
    }
}

/// What a name says about its file.
pub(in crate::methods) fn mime_type(name: &str, encoding: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    match extension.as_str() {
        "md" | "markdown" => "text/markdown",
        "json" | "json5" => "application/json",
        "yaml" | "yml" => "application/yaml",
        "html" | "htm" => "text/html",
        "css" => "text/css",
        "csv" => "text/csv",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "svg" => "image/svg+xml",
        "pdf" => "application/pdf",
        _ if encoding == "utf8" => "text/plain",
        _ => "application/octet-stream",
    }
}

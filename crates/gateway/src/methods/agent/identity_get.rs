//! `agent.identity.get`: who an agent is.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{
    methods::{agents::mime_type, prelude::*},
    workspace::{Folder, Inside},
};

/// Bytes of a picture in a workspace that is told as a `data:` URL.
const PICTURE_BYTES: u64 = 256 << 10;

params! {
    /// Which agent.
    {
        /// Its id; the default agent when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// One of its sessions, instead of its id.
        #[serde(default)]
        session_key: Option<SessionKey>,
    } understood {}
}

/// Who an agent is.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    agent_id: AgentId,
    /// Name for people.
    name: String,
    /// Where the name comes from: `config`, or `default` when nobody gave one.
    name_source: &'static str,
    /// A URL, a picture as a `data:` URL, or a letter.
    avatar: String,
    /// As it is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_source: Option<String>,
    /// `remote`, `data`, `local` (a picture of the workspace), or `none`.
    avatar_status: &'static str,
    /// Why a configured picture is not shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
}

pub(crate) struct IdentityGet;

impl Method for IdentityGet {
    const NAME: &'static str = "agent.identity.get";
    const ABOUT: &'static str = "Who an agent is: name, avatar, emoji.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let id = match (params.agent_id, params.session_key) {
            (Some(id), _) => id,
            (None, Some(key)) => call.agent_of(&call.canonical(&key)),
            (None, None) => state.default_agent(),
        };
        let agent = state.agent(&id)?;
        let workspace = state.workspace(&agent);
        let name_source = if agent.name.is_some() { "config" } else { "default" };
        let name = agent.name.unwrap_or_else(|| "Assistant".to_owned());
        let letter = || name.chars().next().map_or_else(|| "A".to_owned(), |c| c.to_uppercase().to_string());
        let (avatar, avatar_status, avatar_reason) = match agent.avatar.clone() {
            None => (letter(), "none", None),
            Some(text) => match shown(text, workspace).await {
                Ok((avatar, status)) => (avatar, status, None),
                Err(why) => (letter(), "none", Some(why)),
            },
        };
        Ok(Reply {
            agent_id: agent.id,
            name,
            name_source,
            avatar,
            avatar_source: agent.avatar,
            avatar_status,
            avatar_reason,
            emoji: agent.emoji,
        })
    }
}

/// A picture as a browser can show it, and of which kind it is.
async fn shown(text: String, workspace: std::path::PathBuf) -> Result<(String, &'static str), String> {
    if text.starts_with("https://") || text.starts_with("http://") {
        return Ok((text, "remote"));
    }
    if text.starts_with("data:image/") {
        return Ok((text, "data"));
    }
    // A letter or an emoji stands for itself.
    if text.chars().count() <= 4 && !text.contains(['/', '.']) {
        return Ok((text, "data"));
    }
    let mime = mime_type(&text, "base64");
    if !mime.starts_with("image/") {
        return Err(format!("{text} is no URL and no picture: it must end in .png, .jpg, .gif, .webp or .svg"));
    }
    let inside = Inside::parse(&text).map_err(|what| format!("{text} {what}"))?;
    let read = tokio::task::spawn_blocking(move || picture(&workspace, &inside)).await;
    let bytes = read.map_err(|_| "the picture could not be read".to_owned())??;
    Ok((format!("data:{mime};base64,{}", STANDARD.encode(bytes)), "local"))
}

fn picture(workspace: &Path, inside: &Inside) -> Result<Vec<u8>, String> {
    let folder = Folder::open(workspace).map_err(|refused| refused.to_string())?;
    let read = folder.map(|folder| folder.read(inside, PICTURE_BYTES)).transpose();
    let read = read.map_err(|refused| refused.to_string())?.flatten();
    read.map(|(bytes, _)| bytes).ok_or_else(|| format!("{inside} is not in the workspace"))
}

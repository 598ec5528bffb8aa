//! `agents.create`: a new agent, in force with the answer.

use openclaw_config::Edit;

use super::roster;
use crate::{
    methods::prelude::*,
    workspace::{self, Folder},
};

params! {
    /// Who it is.
    {
        /// Its name. A name that is an id already, such as `mc-7f0c…`, is its id; else the id is made from it.
        name: String,
        /// Folder it works in; `workspace-<id>` beside the common one when absent.
        #[serde(default)]
        workspace: Option<String>,
        /// `provider/model`; the common one when absent.
        #[serde(default)]
        model: Option<String>,
        /// Its emoji.
        #[serde(default)]
        emoji: Option<String>,
        /// Its picture: a URL, or a path in its workspace.
        #[serde(default)]
        avatar: Option<String>,
        /// Its theme.
        #[serde(default)]
        theme: Option<String>,
    } understood {}
}

/// The new agent.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Its id.
    agent_id: AgentId,
    /// Its name, as it was sent.
    name: String,
    /// Its folder, which is there now.
    workspace: String,
    /// Its model, when one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

pub(crate) struct Create;

impl Method for Create {
    const NAME: &'static str = "agents.create";
    const ABOUT: &'static str = "Adds an agent to the configuration, in force at once; its workspace is made.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let name = params.name.trim().to_owned();
        roster::check_words::<Self>(&[
            ("name", Some(&name)),
            ("emoji", params.emoji.as_deref()),
            ("theme", params.theme.as_deref()),
        ])?;
        roster::check_avatar::<Self>(params.avatar.as_deref())?;
        if let Some(model) = &params.model {
            roster::check_model::<Self>("model", model)?;
        }
        let id = id_of(&name).ok_or_else(|| {
            roster::bad::<Self>("name", "must hold a letter a-z or a digit, from which its id is made")
        })?;
        let workspace = match params.workspace.as_deref() {
            Some(text) => roster::placed::<Self>(&call, text).await?,
            None => call.state().new_workspace(&id).display().to_string(),
        };
        // Said early, before a folder is made; whether it still holds is looked at again when the change is made.
        if call.state().agent(&id).is_ok() {
            return Err(exists(&id));
        }
        let folder = workspace.clone();
        workspace::within(move || Folder::make(folder.as_ref()).map(drop)).await?;
        let mut entry = json!({ "id": id, "workspace": workspace });
        if name != id.as_str() {
            entry["name"] = json!(name);
        }
        if let Some(model) = &params.model {
            entry["model"] = json!(model);
        }
        for (key, value) in [("emoji", params.emoji), ("avatar", params.avatar), ("theme", params.theme)] {
            if let Some(value) = value.filter(|value| !value.trim().is_empty()) {
                entry["identity"][key] = json!(value);
            }
        }
        let wanted = id.clone();
        let plan = move |loaded: &openclaw_config::Loaded| {
            let (mut edits, ids) = roster::written(&loaded.config);
            if roster::index(&ids, &wanted).is_ok() {
                return Err(exists(&wanted));
            }
            if ids.len() >= roster::AGENTS {
                let text = format!("there are {} agents already; delete one first", ids.len());
                return Err(WireError::unavailable(detail::QUEUE_FULL, text));
            }
            edits.push(Edit::Set { path: roster::of_agent(ids.len(), &[]), value: entry.clone() });
            Ok(edits)
        };
        roster::change::<Self>(&call, format!("agent {id} created"), plan).await?;
        Ok(Reply { ok: true, agent_id: id, name, workspace, model: params.model })
    }
}

/// Clients match "already exists".
fn exists(id: &AgentId) -> WireError {
    let text = format!("agent \"{id}\" already exists; choose another name, or change it with agents.update");
    WireError::invalid(detail::CONFLICT, text).with("agentId", id.as_str())
}

/// Bytes of an id.
const ID_BYTES: usize = 64;

/// The name itself where it is an id, else an id made from it.
fn id_of(name: &str) -> Option<AgentId> {
    let keeps = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let begins = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.len() <= ID_BYTES && name.chars().all(keeps) && name.starts_with(begins) {
        return AgentId::new(name).ok();
    }
    let mut id = String::new();
    for c in name.chars().map(|c| c.to_ascii_lowercase()) {
        if keeps(c) {
            id.push(c);
        } else if !id.ends_with('-') {
            id.push('-');
        }
    }
    let id = id.trim_start_matches(|c| !begins(c));
    let id = id[..id.len().min(ID_BYTES)].trim_end_matches(['-', '_']);
    AgentId::new(id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_or_made() {
        let id = |name: &str| id_of(name).map(|id| id.to_string());
        assert_eq!(id("mc-0b7e"), Some("mc-0b7e".into()));
        assert_eq!(id("H1 Agent"), Some("h1-agent".into()));
        assert_eq!(id("  --Ünï  Code!! "), Some("n-code".into()));
        assert_eq!(id("-x-"), Some("x".into()));
        assert_eq!(id(&"A".repeat(100)).map(|id| id.len()), Some(64));
        for nothing in ["", "   ", "!!!", "北京", "..", "__"] {
            assert_eq!(id(nothing), None, "{nothing:?}");
        }
    }
}

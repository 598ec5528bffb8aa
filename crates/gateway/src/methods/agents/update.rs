//! `agents.update`: who an agent is, where it works and what answers for it.

use openclaw_config::{Edit, Loaded};

use super::roster;
use crate::{
    methods::prelude::*,
    workspace::{self, Folder},
};

params! {
    /// What to change: absent leaves, `null` and an empty text clear.
    {
        /// Which agent.
        agent_id: AgentId,
        /// Its name for people.
        #[serde(default)]
        name: Option<String>,
        /// Folder it works in; what is in the former one stays there.
        #[serde(default)]
        workspace: Option<String>,
        /// `provider/model`; `null` for the common one.
        #[serde(default, deserialize_with = "clearable")]
        model: Option<Option<String>>,
        /// Models that stand in for it, in order, each `provider/model`.
        #[serde(default)]
        fallbacks: Option<Vec<String>>,
        /// How much its model thinks: `off`, `minimal`, `low`, `medium`, `high`, `xhigh`, `adaptive`; `null` for the common level.
        #[serde(default, deserialize_with = "clearable")]
        thinking_default: Option<Option<String>>,
        /// Its emoji.
        #[serde(default)]
        emoji: Option<String>,
        /// Its picture: a URL, or a path in its workspace.
        #[serde(default)]
        avatar: Option<String>,
        /// Its theme.
        #[serde(default)]
        theme: Option<String>,
        /// Makes it the one that answers when no agent is named.
        #[serde(default)]
        default: Option<bool>,
    } understood {}
}

/// That it is done.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Which agent.
    agent_id: AgentId,
}

pub(crate) struct Update;

impl Method for Update {
    const NAME: &'static str = "agents.update";
    const ABOUT: &'static str = "Changes an agent's name, identity, workspace or model, in force at once.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, mut params: Params) -> Result<Reply, WireError> {
        roster::check_words::<Self>(&[
            ("name", params.name.as_deref()),
            ("emoji", params.emoji.as_deref()),
            ("theme", params.theme.as_deref()),
        ])?;
        roster::check_avatar::<Self>(params.avatar.as_deref())?;
        if params.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            return Err(roster::bad::<Self>("name", "must not be empty"));
        }
        if params.default == Some(false) {
            return Err(roster::bad::<Self>("default", "can only be true; make another agent the default instead"));
        }
        if let Some(Some(model)) = &params.model {
            roster::check_model::<Self>("model", model)?;
        }
        for (at, model) in params.fallbacks.iter().flatten().enumerate() {
            roster::check_model::<Self>(&format!("fallbacks/{at}"), model)?;
        }
        // Said early, before anything is made.
        call.state().agent(&params.agent_id)?;
        if let Some(text) = params.workspace.take() {
            let placed = roster::placed::<Self>(&call, &text).await?;
            let folder = placed.clone();
            workspace::within(move || Folder::make(folder.as_ref()).map(drop)).await?;
            params.workspace = Some(placed);
        }
        let agent_id = params.agent_id.clone();
        roster::change::<Self>(&call, format!("agent {agent_id} updated"), move |loaded| edits(loaded, &params))
            .await?;
        Ok(Reply { ok: true, agent_id })
    }
}

fn edits(loaded: &Loaded, params: &Params) -> Result<Vec<Edit>, WireError> {
    let (mut edits, ids) = roster::written(&loaded.config);
    let index = roster::index(&ids, &params.agent_id)?;
    let known = loaded.config.agents.list.get(index);
    let mut text = |keys: &[&str], value: Option<&String>| {
        let Some(value) = value else { return };
        let path = roster::of_agent(index, keys);
        edits.push(if value.trim().is_empty() {
            Edit::Unset { path }
        } else {
            Edit::Set { path, value: json!(value.trim()) }
        });
    };
    text(&["name"], params.name.as_ref());
    // Where both are written, this one is shown.
    if known.is_some_and(|agent| agent.identity.name.is_some()) {
        text(&["identity", "name"], params.name.as_ref());
    }
    text(&["workspace"], params.workspace.as_ref());
    text(&["identity", "emoji"], params.emoji.as_ref());
    text(&["identity", "avatar"], params.avatar.as_ref());
    text(&["identity", "theme"], params.theme.as_ref());
    if let Some(level) = &params.thinking_default {
        let nothing = String::new();
        text(&["thinkingDefault"], Some(level.as_ref().unwrap_or(&nothing)));
    }
    let choice = known.and_then(|agent| agent.model.as_ref());
    let common = loaded.config.agents.defaults.model.as_ref();
    match (&params.model, &params.fallbacks) {
        (None, None) => {}
        (Some(None), None) => edits.push(Edit::Unset { path: roster::of_agent(index, &["model"]) }),
        (Some(None), Some(_)) => {
            let text = "fallbacks belong to a model: send both, or only the model that is to be cleared";
            return Err(WireError::params(text).with("path", "params.fallbacks"));
        }
        (Some(Some(primary)), named) => {
            let fallbacks = named.clone().unwrap_or_else(|| roster::fallbacks(choice));
            let path = roster::of_agent(index, &["model"]);
            edits.push(Edit::Set { path, value: roster::model(primary, &fallbacks) });
        }
        (None, Some(fallbacks)) => {
            let Some(primary) = choice.or(common).map(|choice| choice.primary.clone()) else {
                let text = "the agent has no model of its own that these could stand in for; send model, too";
                return Err(WireError::params(text).with("path", "params.fallbacks"));
            };
            let path = roster::of_agent(index, &["model"]);
            edits.push(Edit::Set { path, value: roster::model(&primary, fallbacks) });
        }
    }
    if params.default == Some(true) {
        for (other, agent) in loaded.config.agents.list.iter().enumerate() {
            if agent.default && other != index {
                edits.push(Edit::Unset { path: roster::of_agent(other, &["default"]) });
            }
        }
        edits.push(Edit::Set { path: roster::of_agent(index, &["default"]), value: json!(true) });
    }
    Ok(edits)
}

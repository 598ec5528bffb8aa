//! `skills.update`: changes how a skill is used.

use std::collections::BTreeMap;

use openclaw_config::{Edit, KeyPath, Loaded};
use openclaw_protocol::event::Event;

use crate::methods::{
    agents::roster::{change, path},
    prelude::*,
};

/// Characters of a key and of a variable's name, and bytes of a value.
const KEY: usize = 64;
const NAME: usize = 128;
const VALUE: usize = 16 << 10;
/// Variables of one change.
const VARIABLES: usize = 64;

params! {
    /// What to change: what is absent is left.
    {
        /// `skillKey` of the skill, as `skills.status` tells it.
        #[serde(default)]
        skill_key: Option<String>,
        /// Whether agents may have it.
        #[serde(default)]
        enabled: Option<bool>,
        /// Value of the variable that it calls its `primaryEnv`; an empty text clears.
        #[serde(default)]
        api_key: Option<String>,
        /// Further variables; an empty text clears one.
        #[serde(default)]
        env: Option<BTreeMap<String, String>>,
        /// Another way of updating: from a registry. The gateway asks none.
        #[serde(default)]
        source: Option<Registry>,
        /// Which skill of a registry.
        #[serde(default)]
        slug: Option<String>,
        /// Whether all skills of a registry are meant.
        #[serde(default)]
        all: Option<bool>,
    } understood { agent_id force }
}

/// Where skills could come from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Registry {
    /// The public registry.
    Clawhub,
}

/// How the skill is used now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Which skill.
    skill_key: String,
    /// Its entry; secrets are replaced by a marker.
    config: Value,
}

pub(crate) struct Update;

impl Method for Update {
    const NAME: &'static str = "skills.update";
    const ABOUT: &'static str = "Turns a skill on or off and keeps its API key and variables, in force at once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        if params.source.is_some() || params.slug.is_some() || params.all.is_some() {
            return Err(super::install::no_registry(Self::NAME));
        }
        let key = params.skill_key.clone().unwrap_or_default();
        if key.is_empty() || key.chars().count() > KEY || key.chars().any(char::is_control) {
            return Err(bad("skillKey", &format!("must have 1 to {KEY} characters, none of them a control character")));
        }
        check(&params)?;
        let state = call.state();
        let there = state.active().loaded.config.skills.entries.contains_key(&key);
        if !there && !known(&call, &key).await? {
            let text = format!("no skill has the key \"{key}\"; skills.status names them");
            return Err(WireError::not_found(text).with("skillKey", key));
        }
        let (wanted, note) = (key.clone(), format!("skill {key} updated"));
        change::<Self>(&call, note, move |loaded| Ok(edits(loaded, &wanted, &params))).await?;
        state.hub.publish(Event::SkillsChanged { reason: "config" });
        let loaded = std::sync::Arc::clone(&state.active().loaded);
        let entry = path(&["skills", "entries", &key]);
        let config = state.reload.look_up(move |_| {
            let shown = openclaw_config::redact(&loaded.resolved);
            entry.get(&shown).cloned().unwrap_or_else(|| json!({}))
        });
        Ok(Reply { ok: true, skill_key: key, config: config.await? })
    }
}

/// Whether a skill of any agent has this key.
async fn known(call: &Call, key: &str) -> Result<bool, WireError> {
    for agent in call.state().agents() {
        let found = call.state().skills(&agent).await?;
        if found.skills.iter().any(|skill| skill.found.front.key == key) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn check(params: &Params) -> Result<(), WireError> {
    let value = |name: &str, text: &str| match text {
        text if text.len() > VALUE || text.chars().any(char::is_control) => {
            Err(bad(name, &format!("must have at most {VALUE} bytes, without control characters")))
        }
        _ => Ok(()),
    };
    if let Some(api_key) = &params.api_key {
        value("apiKey", api_key)?;
    }
    let variables = params.env.iter().flatten();
    if variables.clone().count() > VARIABLES {
        return Err(bad("env", &format!("must have at most {VARIABLES} variables")));
    }
    for (name, text) in variables {
        let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || name.len() > NAME
            || !name.chars().all(good)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(bad("env", "must be named by letters, digits and _, not beginning with a digit"));
        }
        value("env", text)?;
    }
    Ok(())
}

fn edits(loaded: &Loaded, key: &str, params: &Params) -> Vec<Edit> {
    let at = |keys: &[&str]| path(&[&["skills", "entries", key], keys].concat());
    let text = |path: KeyPath, text: &str| match text.trim() {
        "" => Edit::Unset { path },
        text => Edit::Set { path, value: json!(text) },
    };
    let mut edits = Vec::new();
    if let Some(enabled) = params.enabled {
        edits.push(Edit::Set { path: at(&["enabled"]), value: json!(enabled) });
    }
    if let Some(api_key) = &params.api_key {
        edits.push(text(at(&["apiKey"]), api_key));
    }
    for (name, value) in params.env.iter().flatten() {
        edits.push(text(at(&["env", name]), value));
    }
    // Nothing is taken out of what is not there.
    let there = |path: &KeyPath| path.get(&loaded.resolved).is_some();
    edits.retain(|edit| !matches!(edit, Edit::Unset { path } if !there(path)));
    edits
}

fn bad(name: &str, problem: &str) -> WireError {
    WireError::params(format!("invalid {} params: at /{name}: {problem}", Update::NAME))
        .with("path", format!("params.{name}"))
}

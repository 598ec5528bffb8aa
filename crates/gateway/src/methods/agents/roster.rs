//! The list of agents in the configuration, and changes of it.

use openclaw_config::{Config, Edit, KeyPath, Loaded, Mode, ModelChoice, Step};

use crate::{
    methods::prelude::*,
    reload::{Author, Change, Goal, Made, Planner},
    settings,
};

/// Agents that one gateway has.
pub(super) const AGENTS: usize = 1000;
/// Characters of a name, an emoji, a theme.
const WORD: usize = 128;
/// Bytes of an avatar: a picture may stand in it as a `data:` URL.
const AVATAR_BYTES: usize = 64 << 10;

/// Makes a change of the list, planned when its turn comes. It is in force, on disk and in the audit when this returns.
pub(in crate::methods) async fn change<M: Method>(
    call: &Call,
    note: String,
    plan: impl Fn(&Loaded) -> Result<Vec<Edit>, WireError> + Send + Sync + 'static,
) -> Result<Made, WireError> {
    let author = Author {
        actor: call.principal().audit_name(),
        ip: Some(call.conn().ip.to_string()),
        method: Some(M::NAME),
        asker: Some(call.conn().number),
    };
    let goal = Goal::Planned(Planner(Box::new(plan)));
    let change = Change { goal, base_hash: None, note: Some(note), mode: Mode::Write, author, key: None };
    Ok(call.state().reload.change(change).await?)
}

/// Where the list stands before anything is changed: an unwritten `main` is written down, so that it stays the default
/// when others come.
pub(super) fn written(config: &Config) -> (Vec<Edit>, Vec<String>) {
    if config.agents.list.is_empty() {
        let main = json!([{ "id": "main", "default": true }]);
        return (vec![Edit::Set { path: path(&["agents", "list"]), value: main }], vec!["main".to_owned()]);
    }
    (Vec::new(), config.agents.list.iter().map(|agent| agent.id.clone()).collect())
}

/// The place of an agent in the list.
pub(super) fn index(ids: &[String], id: &AgentId) -> Result<usize, WireError> {
    ids.iter().position(|known| known == id.as_str()).ok_or_else(|| unknown(id))
}

/// Clients match the text (PROTOCOL §6.1).
pub(super) fn unknown(id: &AgentId) -> WireError {
    let text = format!("agent \"{id}\" not found: unknown agent id; agents.list names them");
    WireError::invalid(detail::UNKNOWN_AGENT_ID, text).with("agentId", id.as_str())
}

/// The path of a key of the agent at this place.
pub(super) fn of_agent(index: usize, keys: &[&str]) -> KeyPath {
    let mut steps = vec![Step::Key("agents".to_owned()), Step::Key("list".to_owned()), Step::Index(index)];
    steps.extend(keys.iter().map(|key| Step::Key((*key).to_owned())));
    KeyPath::new(steps).expect("a few steps are a path")
}

pub(in crate::methods) fn path(keys: &[&str]) -> KeyPath {
    KeyPath::new(keys.iter().map(|key| Step::Key((*key).to_owned())).collect()).expect("a few steps are a path")
}

/// A model as it is written: alone where nothing stands in for it.
pub(super) fn model(primary: &str, fallbacks: &[String]) -> Value {
    if fallbacks.is_empty() { json!(primary) } else { json!({ "primary": primary, "fallbacks": fallbacks }) }
}

/// The fallbacks that an agent's model is written with.
pub(super) fn fallbacks(choice: Option<&ModelChoice>) -> Vec<String> {
    choice.map(|choice| choice.fallbacks.clone()).unwrap_or_default()
}

/// Checks texts of people: names, emojis, themes.
pub(super) fn check_words<M: Method>(words: &[(&str, Option<&str>)]) -> Result<(), WireError> {
    for (name, text) in words {
        let Some(text) = text else { continue };
        if text.chars().count() > WORD || text.chars().any(char::is_control) {
            return Err(bad::<M>(
                name,
                &format!("must have at most {WORD} characters, none of them a control character"),
            ));
        }
    }
    Ok(())
}

/// Checks a picture: a URL, a path in the workspace, or a letter.
pub(super) fn check_avatar<M: Method>(avatar: Option<&str>) -> Result<(), WireError> {
    match avatar {
        Some(text) if text.len() > AVATAR_BYTES || text.chars().any(char::is_control) => {
            Err(bad::<M>("avatar", &format!("must have at most {AVATAR_BYTES} bytes and no control characters")))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_model<M: Method>(name: &str, text: &str) -> Result<(), WireError> {
    if settings::model_ref(text).is_some() {
        return Ok(());
    }
    Err(bad::<M>(name, &format!("must be provider/model, found \"{text}\"")))
}

/// The folder that a caller names for a workspace. One that lies elsewhere than workspaces usually do shows what is there to
/// whoever may read, so an administrator must choose it.
pub(super) async fn placed<M: Method>(call: &Call, text: &str) -> Result<String, WireError> {
    let (grounds, text) = (call.state().grounds(), text.to_owned());
    let checked = tokio::task::spawn_blocking(move || {
        let path = grounds.place(&text)?;
        let usual = grounds.is_usual(&path);
        Ok::<_, crate::workspace::Misplaced>((path, usual))
    });
    let Ok(checked) = checked.await else {
        return Err(WireError::unavailable(detail::INTERNAL, "the check of the workspace died; see the log"));
    };
    let (path, usual) = checked.map_err(|why| bad::<M>("workspace", &why.to_string()))?;
    if !usual && !call.principal().may(Scope::Admin) {
        return Err(WireError::missing_scope(Scope::Admin));
    }
    path.into_os_string().into_string().map_err(|_| bad::<M>("workspace", "must be UTF-8"))
}

pub(super) fn bad<M: Method>(name: &str, problem: &str) -> WireError {
    WireError::params(format!("invalid {} params: at /{name}: {problem}", M::NAME))
        .with("path", format!("params.{name}"))
}

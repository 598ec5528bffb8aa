//! `sessions.patch`: changes what people set for a session; makes the session when there is none.

use openclaw_core::record::SessionSettings;
use openclaw_store::{Change, MAX_LABEL_BYTES, Outcome, SessionPatch, Transaction};

use crate::{methods::prelude::*, rows, runs, settings};

type Text = Option<Option<String>>;

params! {
    /// What to change: absent leaves, `null` clears.
    {
        /// Which session.
        key: SessionKey,
        /// Name for people, unique, at most 512 characters.
        #[serde(default, deserialize_with = "clearable")]
        label: Text,
        /// `provider/model`.
        #[serde(default, deserialize_with = "clearable")]
        model: Text,
        /// Models that stand in for it, in order, each `provider/model`, at most 7; empty for none.
        #[serde(default, deserialize_with = "clearable")]
        fallbacks: Option<Option<Vec<String>>>,
        #[serde(default, deserialize_with = "clearable")]
        thinking_level: Text,
        #[serde(default, deserialize_with = "clearable")]
        verbose_level: Text,
        #[serde(default, deserialize_with = "clearable")]
        reasoning_level: Text,
        #[serde(default, deserialize_with = "clearable")]
        elevated_level: Text,
        #[serde(default, deserialize_with = "clearable")]
        response_usage: Text,
        #[serde(default, deserialize_with = "clearable")]
        send_policy: Text,
        #[serde(default, deserialize_with = "clearable")]
        group_activation: Text,
        #[serde(default, deserialize_with = "clearable")]
        queue_mode: Text,
        #[serde(default)]
        archived: Option<bool>,
        #[serde(default)]
        pinned: Option<bool>,
        /// Kept for clients.
        #[serde(default, deserialize_with = "clearable")]
        icon: Option<Option<Value>>,
        /// Kept for clients.
        #[serde(default, deserialize_with = "clearable")]
        color: Option<Option<Value>>,
        /// Kept for clients.
        #[serde(default, deserialize_with = "clearable")]
        category: Option<Option<Value>>,
        /// Kept for clients.
        #[serde(default)]
        unread: Option<bool>,
        /// Refused when the session has another transcript now.
        #[serde(default)]
        expected_session_id: Option<String>,
    } understood {
        agent_id expected_lifecycle_revision expected_permission_mode expected_tool_overrides
        expected_marked_unread_at board_face status_note attention ttl_minutes context_window fast_mode tool_overrides trace_level
        exec_host exec_security exec_ask exec_node permission_mode completion_owner_session_key inherited_tool_policy_version
        inherited_tool_allow inherited_tool_deny spawned_by
    }
}

pub(crate) struct Patch;

impl Method for Patch {
    const NAME: &'static str = "sessions.patch";
    const ABOUT: &'static str = "Changes what people set for a session; makes it when there is none.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::Change("session.patched");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        apply(&call, params).await
    }
}

/// Makes the change of one session.
pub(super) async fn apply(call: &Call, params: Params) -> Result<Value, WireError> {
    let state = call.state();
    let key = call.canonical(&params.key);
    let agent = state.agent(&call.agent_of(&key))?;
    check_words("queueMode", &params.queue_mode, &["steer", "followup", "queue", "collect", "interrupt"])?;
    if params.label.as_ref().and_then(Option::as_ref).is_some_and(|label| label.len() > MAX_LABEL_BYTES) {
        let text = format!("invalid sessions.patch params: at /label: must not have more than {MAX_LABEL_BYTES} bytes");
        return Err(WireError::params(text).with("path", "params.label"));
    }
    check_words("responseUsage", &params.response_usage, &["off", "tokens", "full", "on"])?;
    check_words("sendPolicy", &params.send_policy, &["allow", "deny"])?;
    check_words("groupActivation", &params.group_activation, &["mention", "always"])?;
    if let Some(Some(model)) = &params.model
        && settings::model_ref(model).is_none()
    {
        let text = format!("invalid sessions.patch params: at /model: must be provider/model, found \"{model}\"");
        return Err(WireError::params(text).with("path", "params.model"));
    }
    if let Some(Some(fallbacks)) = &params.fallbacks {
        check_fallbacks(fallbacks)?;
    }
    let mut extra = serde_json::Map::new();
    for (name, value) in [("icon", params.icon), ("color", params.color), ("category", params.category)] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value.unwrap_or(Value::Null));
        }
    }
    if let Some(unread) = params.unread {
        extra.insert("unread".to_owned(), json!(unread));
    }
    let patch = SessionPatch {
        label: params.label.map(|label| label.filter(|label| !label.trim().is_empty())),
        model: params.model,
        fallbacks: params.fallbacks,
        thinking_level: params.thinking_level,
        verbose_level: params.verbose_level,
        reasoning_level: params.reasoning_level,
        elevated_level: params.elevated_level,
        response_usage: params.response_usage,
        send_policy: params.send_policy,
        group_activation: params.group_activation,
        queue_mode: params.queue_mode,
        archived: params.archived,
        pinned: params.pinned,
        extra,
        aborted_last_run: None,
    };
    let create = Some(rows::fresh_session(state, &key, &agent.id, None, SessionSettings::default(), call.now_ms()));
    let audit = call.audit("session.patched", Patch::NAME, Some(key.to_string()), Value::Null);
    let mut changes = Vec::new();
    if let session_id @ Some(_) = super::expected(&key, params.expected_session_id.as_deref())? {
        changes.push(Change::RequireSession { key: key.clone(), session_id, archived: None });
    }
    changes.push(Change::PatchSession { key: key.clone(), patch, create });
    let committed = state
        .store
        .write(Transaction { changes, audit, idempotency: None })
        .await
        .map_err(|error| fault::store(&error))?;
    let Some(Outcome::Session(session)) = committed.outcomes.last() else {
        return Err(WireError::unavailable(detail::INTERNAL, "the store did not return the session"));
    };
    rows::told(state, &key, Some(session), "patch");
    let model = runs::model_of(state, Some(session), &agent);
    Ok(json!({
        "ok": true, "path": state.store_path(), "key": key, "entry": rows::entry(session),
        "resolved": { "modelProvider": model.provider, "model": model.model },
    }))
}

fn check_fallbacks(fallbacks: &[String]) -> Result<(), WireError> {
    let refused = |path: String, what: String| {
        let text = format!("invalid sessions.patch params: at /{path}: {what}");
        Err(WireError::params(text).with("path", format!("params.{}", path.replace('/', "."))))
    };
    if fallbacks.len() >= runs::MODELS {
        return refused("fallbacks".to_owned(), format!("must not have more than {} entries", runs::MODELS - 1));
    }
    match fallbacks.iter().enumerate().find(|(_, model)| settings::model_ref(model).is_none()) {
        Some((at, model)) => refused(format!("fallbacks/{at}"), format!("must be provider/model, found \"{model}\"")),
        None => Ok(()),
    }
}

fn check_words(name: &str, value: &Text, words: &[&str]) -> Result<(), WireError> {
    match value {
        Some(Some(word)) if !words.contains(&word.as_str()) => {
            let text = format!("invalid sessions.patch params: at /{name}: must be one of {}", words.join(", "));
            Err(WireError::params(text).with("path", format!("params.{name}")))
        }
        _ => Ok(()),
    }
}

//! `sessions.patch`: changes what people set for a session; makes the session when there is none.

use openclaw_core::record::SessionSettings;
use openclaw_store::{Change, ExtraIf, MAX_LABEL_BYTES, Outcome, SessionPatch, Transaction};

use super::absent;
use crate::{methods::prelude::*, rows, runs, settings};

/// How long a note about a session stands when nobody says, minutes.
const NOTE_MINUTES: i64 = 30;
/// Longest time it may stand, minutes.
const LONGEST_NOTE_MINUTES: i64 = 120;
/// Characters of a note.
const NOTE_CHARS: usize = 120;
/// Signs that a session can show.
const SIGNS: [&str; 6] = ["hand", "key", "alert", "flag", "lock", "hourglass"];

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
        /// Whose session it is; must agree with a key that says so itself.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// With `unread: false`: the mark that was seen (`markedUnreadAt`, `null` for none). Another mark stays.
        #[serde(default, deserialize_with = "clearable")]
        expected_marked_unread_at: Option<Option<i64>>,
        /// `chat` or `dashboard`; kept for clients.
        #[serde(default, deserialize_with = "clearable")]
        board_face: Text,
        /// Kept for clients.
        #[serde(default, deserialize_with = "clearable")]
        board_presentation: Text,
        /// A note of at most 120 characters for a while; `null` takes it and its sign away.
        #[serde(default, deserialize_with = "clearable")]
        status_note: Text,
        /// A sign beside it: `hand`, `key`, `alert`, `flag`, `lock`, `hourglass`.
        #[serde(default, deserialize_with = "clearable")]
        attention: Text,
        /// How long note and sign stand, 1 to 120 minutes; 30 when absent.
        #[serde(default)]
        ttl_minutes: Option<i64>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        permission_mode: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        expected_permission_mode: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        tool_overrides: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        expected_tool_overrides: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        exec_host: Option<Value>,
        /// Refused unless empty: `exec.approvals.set` has the policy.
        #[serde(default)]
        exec_security: Option<Value>,
        /// Refused unless empty: `exec.approvals.set` has the policy.
        #[serde(default)]
        exec_ask: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        exec_node: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        inherited_tool_policy_version: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        inherited_tool_allow: Option<Value>,
        /// Refused unless empty: there are no tools.
        #[serde(default)]
        inherited_tool_deny: Option<Value>,
        /// Refused unless empty: sessions do not make each other.
        #[serde(default)]
        completion_owner_session_key: Option<Value>,
        /// Refused unless empty: sessions do not make each other.
        #[serde(default)]
        spawned_by: Option<Value>,
        /// Refused unless empty: revisions are not counted.
        #[serde(default)]
        expected_lifecycle_revision: Option<Value>,
        /// Refused unless empty: a model has one window.
        #[serde(default)]
        context_window: Option<Value>,
        /// Refused unless `false`.
        #[serde(default)]
        fast_mode: Option<Value>,
        /// Refused unless `off`.
        #[serde(default)]
        trace_level: Option<Value>,
    } understood {}
}

impl Params {
    /// Refuses what would have no effect.
    fn refuse(&self) -> Result<(), WireError> {
        let text = |text: &Text| text.clone().flatten().map(Value::String);
        let policy = "exec.approvals.set has the policy of commands";
        absent::refuse(
            Patch::NAME,
            &[
                ("permissionMode", &self.permission_mode, absent::NO_TOOLS),
                ("expectedPermissionMode", &self.expected_permission_mode, absent::NO_TOOLS),
                ("toolOverrides", &self.tool_overrides, absent::NO_TOOLS),
                ("expectedToolOverrides", &self.expected_tool_overrides, absent::NO_TOOLS),
                ("elevatedLevel", &text(&self.elevated_level), absent::NO_TOOLS),
                ("execHost", &self.exec_host, absent::NO_TOOLS),
                ("execSecurity", &self.exec_security, policy),
                ("execAsk", &self.exec_ask, policy),
                ("execNode", &self.exec_node, absent::NO_TOOLS),
                ("inheritedToolPolicyVersion", &self.inherited_tool_policy_version, absent::NO_TOOLS),
                ("inheritedToolAllow", &self.inherited_tool_allow, absent::NO_TOOLS),
                ("inheritedToolDeny", &self.inherited_tool_deny, absent::NO_TOOLS),
                ("groupActivation", &text(&self.group_activation), absent::NO_CHANNELS),
                ("completionOwnerSessionKey", &self.completion_owner_session_key, absent::NO_PARENTS),
                ("spawnedBy", &self.spawned_by, absent::NO_PARENTS),
                ("expectedLifecycleRevision", &self.expected_lifecycle_revision, absent::NO_REVISIONS),
                ("contextWindow", &self.context_window, absent::NO_WINDOWS),
                ("fastMode", &self.fast_mode, absent::NO_FAST),
                ("traceLevel", &self.trace_level, absent::NO_TRACE),
            ],
        )
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
    let key = match &params.agent_id {
        Some(agent) => params.key.canonical(agent),
        None => call.canonical(&params.key),
    };
    let agent = state.agent(&call.agent_of(&key))?;
    if let Some(named) = params.agent_id.as_ref().filter(|named| **named != agent.id) {
        let text = format!("agent \"{named}\" does not own session {key}");
        return Err(WireError::params(text).with("path", "params.agentId"));
    }
    check_words("queueMode", &params.queue_mode, &["steer", "followup", "queue", "collect", "interrupt"])?;
    if params.label.as_ref().and_then(Option::as_ref).is_some_and(|label| label.len() > MAX_LABEL_BYTES) {
        let text = format!("invalid sessions.patch params: at /label: must not have more than {MAX_LABEL_BYTES} bytes");
        return Err(WireError::params(text).with("path", "params.label"));
    }
    check_words("responseUsage", &params.response_usage, &["off", "tokens", "full", "on"])?;
    check_words("sendPolicy", &params.send_policy, &["allow", "deny"])?;
    check_words("groupActivation", &params.group_activation, &["mention", "always"])?;
    check_words("boardFace", &params.board_face, &["chat", "dashboard"])?;
    check_words("boardPresentation", &params.board_presentation, &["split", "expanded"])?;
    check_words("attention", &params.attention, &SIGNS)?;
    params.refuse()?;
    runs::check_thinking(Patch::NAME, params.thinking_level.as_ref().and_then(Option::as_deref))?;
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
    for (name, value) in [("icon", &params.icon), ("color", &params.color), ("category", &params.category)] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), value.clone().unwrap_or(Value::Null));
        }
    }
    for (name, value) in [("boardFace", &params.board_face), ("boardPresentation", &params.board_presentation)] {
        if let Some(value) = value {
            extra.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(status) = note(&params, call.now_ms())? {
        extra.insert("agentStatus".to_owned(), status);
    }
    if let Some(seen) = params.expected_marked_unread_at
        && params.unread != Some(false)
    {
        let text =
            format!("expectedMarkedUnreadAt ({seen:?}) says when unread: false holds, and that is not asked for");
        return Err(WireError::params(text).with("path", "params.expectedMarkedUnreadAt"));
    }
    let mut extra_if = None;
    if let Some(unread) = params.unread {
        let now = call.now_ms();
        let mut marks = serde_json::Map::new();
        marks.insert("unread".to_owned(), json!(unread));
        marks.insert("markedUnreadAt".to_owned(), if unread { json!(now) } else { Value::Null });
        if !unread {
            marks.insert("lastReadAt".to_owned(), json!(now));
        }
        // Whether it still is as its reader saw it is decided where it is written.
        match params.expected_marked_unread_at {
            Some(seen) => extra_if = Some(ExtraIf { name: "markedUnreadAt", is: json!(seen), then: marks }),
            None => extra.append(&mut marks),
        }
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
        extra_if,
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

/// The note about a session that comes of this; `Null` takes it away.
fn note(params: &Params, now: i64) -> Result<Option<Value>, WireError> {
    let refused = |name: &str, what: &str| {
        let text = format!("invalid sessions.patch params: at /{name}: {what}");
        Err(WireError::params(text).with("path", format!("params.{name}")))
    };
    let text = params.status_note.as_ref().map(|text| text.as_deref().filter(|text| !text.trim().is_empty()));
    let sign = params.attention.as_ref().map(Option::as_deref);
    let gone = matches!((text, sign), (Some(None), None | Some(None)) | (None, Some(None)));
    if params.ttl_minutes.is_some() && (gone || (text.is_none() && sign.is_none())) {
        return refused("ttlMinutes", "says how long statusNote or attention stands, and neither is set");
    }
    if params.ttl_minutes.is_some_and(|minutes| !(1..=LONGEST_NOTE_MINUTES).contains(&minutes)) {
        return refused("ttlMinutes", "must be 1 to 120");
    }
    if text.flatten().is_some_and(|text| text.chars().count() > NOTE_CHARS) {
        return refused("statusNote", "must not have more than 120 characters");
    }
    if text.is_none() && sign.is_none() {
        return Ok(None);
    }
    if gone {
        return Ok(Some(Value::Null));
    }
    let ends = now + params.ttl_minutes.unwrap_or(NOTE_MINUTES) * 60_000;
    let mut status = json!({ "setAt": now, "expiresAt": ends });
    for (name, value) in [("note", text.flatten()), ("attention", sign.flatten())] {
        if let Some(value) = value {
            status[name] = json!(value);
        }
    }
    Ok(Some(status))
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

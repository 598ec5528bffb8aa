//! `sessions.create`: makes a session, and says something in it when there is something to say.

use openclaw_core::record::SessionSettings;
use openclaw_store::{Change, Idempotency, IdempotentReply, Outcome, Transaction};

use sha2::{Digest, Sha256};

use super::absent;
use crate::{
    methods::prelude::*,
    rows, runs, settings,
    turn::{self, Ask, Attachment},
};

/// How long an idempotency key is kept, milliseconds.
const KEY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

params! {
    /// What to make.
    {
        /// Its key; one is made when absent.
        #[serde(default)]
        key: Option<SessionKey>,
        /// Whose it is.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Name for people, unique.
        #[serde(default)]
        label: Option<String>,
        /// `provider/model`.
        #[serde(default)]
        model: Option<String>,
        /// Thinking level.
        #[serde(default)]
        thinking_level: Option<String>,
        /// First message.
        #[serde(default)]
        message: Option<String>,
        /// The same as `message`.
        #[serde(default)]
        task: Option<String>,
        /// Images of the first message.
        #[serde(default)]
        attachments: Vec<Attachment>,
        /// How long the turn may take, milliseconds.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// The same key again makes no second session.
        #[serde(default)]
        idempotency_key: Option<String>,
        /// Name for people that need not be unique; kept for clients.
        #[serde(default)]
        display_name: Option<String>,
        /// Kept for clients.
        #[serde(default)]
        category: Option<String>,
        /// The session that a client was in; kept for clients.
        #[serde(default)]
        parent_session_key: Option<SessionKey>,
        /// The most that the session's agent may use; kept and shown as `toolsProfile`.
        #[serde(default)]
        tools: Option<Tools>,
        /// Refused unless empty.
        #[serde(default)]
        context_window: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        fast_mode: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        permission_mode: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        tool_overrides: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        exec_node: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        incognito: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        visibility: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        catalog_id: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        fork: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        fork_from: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        spawn_depth: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        project_id: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        project_git_url: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        worktree: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        worktree_base_ref: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        worktree_name: Option<Value>,
        /// Refused unless empty.
        #[serde(default)]
        cwd: Option<Value>,
    } understood { emit_command_hooks succeeds_parent }
}

/// What a session's agent may use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tools {
    profile: Profile,
}

/// A set of tools.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Profile {
    /// None but the answer.
    Minimal,
    /// Files and programs.
    Coding,
    /// Messages.
    Messaging,
    /// Everything.
    Full,
}

impl Params {
    /// Refuses what would have no effect.
    fn refuse(&self) -> Result<(), WireError> {
        let shared = self.visibility.as_ref().is_some_and(|visibility| visibility == "shared");
        let visibility = self.visibility.clone().filter(|_| !shared);
        absent::refuse(
            Create::NAME,
            &[
                ("contextWindow", &self.context_window, absent::NO_WINDOWS),
                ("fastMode", &self.fast_mode, absent::NO_FAST),
                ("permissionMode", &self.permission_mode, absent::NO_TOOLS),
                ("toolOverrides", &self.tool_overrides, absent::NO_TOOLS),
                ("execNode", &self.exec_node, absent::NO_TOOLS),
                ("incognito", &self.incognito, absent::NO_INCOGNITO),
                ("visibility", &visibility, absent::NO_SHARING),
                ("catalogId", &self.catalog_id, absent::NO_FORKS),
                ("fork", &self.fork, absent::NO_FORKS),
                ("forkFrom", &self.fork_from, absent::NO_FORKS),
                ("spawnDepth", &self.spawn_depth, absent::NO_PARENTS),
                ("projectId", &self.project_id, absent::NO_FOLDERS),
                ("projectGitUrl", &self.project_git_url, absent::NO_FOLDERS),
                ("worktree", &self.worktree, absent::NO_FOLDERS),
                ("worktreeBaseRef", &self.worktree_base_ref, absent::NO_FOLDERS),
                ("worktreeName", &self.worktree_name, absent::NO_FOLDERS),
                ("cwd", &self.cwd, absent::NO_FOLDERS),
            ],
        )
    }

    /// What is kept for clients.
    fn extra(&self) -> serde_json::Map<String, Value> {
        let kept = [
            ("displayName", self.display_name.as_ref().map(|name| json!(name))),
            ("category", self.category.as_ref().map(|category| json!(category))),
            ("parentSessionKey", self.parent_session_key.as_ref().map(|key| json!(key))),
            ("toolsProfile", self.tools.as_ref().map(|tools| json!(tools.profile))),
        ];
        kept.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

pub(crate) struct Create;

impl Method for Create {
    const NAME: &'static str = "sessions.create";
    const ABOUT: &'static str = "Makes a session, and begins a turn in it when a message is given.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("session.created");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        params.refuse()?;
        runs::check_thinking(Self::NAME, params.thinking_level.as_deref())?;
        let extra = params.extra();
        let agent_id = params.agent_id.clone().unwrap_or_else(|| state.default_agent());
        let agent = state.agent(&agent_id)?;
        let named = params.key.clone();
        let key = match params.key {
            Some(key) => key.canonical(&agent.id),
            None => SessionKey::new(format!("agent:{}:dashboard:{}", agent.id, state.ids.uuid()))
                .map_err(|error| WireError::params(error.to_string()))?,
        };
        if let Some(model) = params.model.as_ref().filter(|model| settings::model_ref(model).is_none()) {
            let text = format!("invalid sessions.create params: at /model: must be provider/model, found \"{model}\"");
            return Err(WireError::params(text).with("path", "params.model"));
        }
        let text = params.message.or(params.task);
        let request_hash =
            asked(named.as_ref(), &agent.id, params.label.as_deref(), params.model.as_deref(), text.as_deref());
        // A repetition asks for the same run.
        let run_id = match &params.idempotency_key {
            Some(idempotency_key) => {
                asked(None, &agent.id, Some(&call.principal().audit_name()), Some(Self::NAME), Some(idempotency_key))
            }
            None => state.ids.uuid().to_string(),
        };
        let settings = SessionSettings {
            model: params.model,
            thinking_level: params.thinking_level,
            extra,
            ..SessionSettings::default()
        };
        let session = rows::fresh_session(state, &key, &agent.id, params.label, settings, call.now_ms());
        let idempotency = params.idempotency_key.map(|idempotency_key| Idempotency {
            scope: format!("{}:{}", call.principal().audit_name(), Self::NAME),
            key: idempotency_key,
            request_hash,
            reply: IdempotentReply::FromOutcome,
            expires_at: call.now_ms() + KEY_LIFE_MS,
        });
        let audit = call.audit("session.created", Self::NAME, Some(key.to_string()), json!({ "agentId": agent.id }));
        let transaction = Transaction { changes: vec![Change::CreateSession { session }], audit, idempotency };
        let committed = state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
        let outcomes = committed.first_outcomes().map_err(|error| fault::store(&error))?;
        let Some(Outcome::Session(session)) = outcomes.into_iter().next() else {
            return Err(WireError::unavailable(detail::INTERNAL, "the store did not return the session"));
        };
        rows::told(state, &session.key, Some(&session), "create");
        let mut reply = json!({
            "ok": true, "key": session.key, "sessionId": session.session_id, "entry": rows::entry(&session), "runStarted": false,
        });
        if let Some(text) = text {
            let run_id = RunId::new(run_id).map_err(|error| WireError::params(error.to_string()))?;
            let ask = Ask {
                method: Self::NAME,
                text,
                attachments: params.attachments,
                session_key: Some(session.key),
                timeout_ms: params.timeout_ms,
                ..Ask::default()
            };
            let turn = turn::submit(&call, ask, run_id).await?;
            reply["runStarted"] = json!(true);
            reply["runId"] = json!(turn.run_id);
        }
        Ok(reply)
    }
}

/// What tells one request from another.
fn asked(
    key: Option<&SessionKey>,
    agent: &AgentId,
    label: Option<&str>,
    model: Option<&str>,
    text: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    for part in [key.map(SessionKey::as_str), Some(agent.as_str()), label, model, text] {
        let part = part.unwrap_or_default();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    openclaw_core::hex(&hash.finalize())
}

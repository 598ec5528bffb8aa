//! `agent`: a turn of an agent; accepted first, then the whole result.

use crate::{
    methods::prelude::*,
    runs::Submitted,
    turn::{self, Ask, Attachment},
};

params! {
    /// What to ask, and whom.
    {
        /// The text, at most 1 MiB.
        message: String,
        /// Which agent; the default one when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// Session key; the agent's main session when absent.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// `provider/model` for this turn.
        #[serde(default)]
        model: Option<String>,
        /// Thinking level for this turn.
        #[serde(default)]
        thinking: Option<String>,
        /// Images.
        #[serde(default)]
        attachments: Vec<Attachment>,
        /// Seconds that the run may take.
        #[serde(default)]
        timeout: Option<u64>,
        /// Added to the agent's system prompt for this turn.
        #[serde(default)]
        extra_system_prompt: Option<String>,
        /// Name for a session that is made by this call.
        #[serde(default)]
        label: Option<String>,
        /// Identifier of the session's transcript, instead of its key.
        #[serde(default)]
        session_id: Option<String>,
        /// Names the run. The same key again does not run twice.
        idempotency_key: RunId,
    } understood {
        provider to reply_to expected_existing_session_id deliver channel reply_channel account_id reply_account_id thread_id
        group_id group_channel group_space best_effort_deliver lane cwd cleanup_bundle_mcp_on_run_end model_run prompt_mode
        bootstrap_context_mode bootstrap_context_run_kind acp_turn_source internal_runtime_handoff_id
        internal_execution_identity_retry internal_execution_identity_recovery_attempt exec_approval_followup_expected_session_id
        internal_events input_provenance suppress_prompt_persistence session_effects source_reply_delivery_mode
        disable_message_tool swarm_collector swarm_output_schema force_restart_safe_tools force_code_mode_tools voice_wake_trigger
        spawned_by
    }
}

pub(crate) struct Run;

impl Method for Run {
    const NAME: &'static str = "agent";
    const ABOUT: &'static str = "A turn of an agent: answers accepted at once and the result when the run has ended.";
    const ACCESS: Access = Access::Resolved(Scope::Write, needed);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("run.accepted");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let session_key = match (params.session_key, params.session_id) {
            (None, Some(id)) => Some(by_id(&call, &id).await?),
            (key, _) => key,
        };
        let ask = Ask {
            method: Self::NAME,
            text: params.message,
            attachments: params.attachments,
            session_key,
            agent_id: params.agent_id,
            model: params.model,
            thinking: params.thinking,
            extra_system_prompt: params.extra_system_prompt,
            label: params.label,
            timeout_ms: params.timeout.map(|seconds| seconds.saturating_mul(1000)),
            ..Ask::default()
        };
        let turn = turn::submit(&call, ask, params.idempotency_key).await?;
        let at = match &turn.submitted {
            Submitted::Accepted { at } => *at,
            Submitted::Known(run) => run.accepted_at,
        };
        call.accepted(&json!({
            "runId": turn.run_id, "status": "accepted", "acceptedAt": at, "sessionKey": turn.session_key, "agentId": turn.agent_id,
        }));
        match turn::ended(&call, &turn.run_id, None).await? {
            Some(run) if turn::status_word(&run) == "ok" => Ok(
                json!({ "runId": turn.run_id, "status": "ok", "summary": "completed", "result": turn::result(&run) }),
            ),
            Some(run) => Err(turn::failed(&run).with("status", "error")),
            None => Err(WireError::unavailable(detail::SHUTTING_DOWN, "the gateway is stopping").retryable(Some(1000))),
        }
    }
}

/// Starting a session over needs more than talking in it.
fn needed(params: &serde_json::value::RawValue) -> Scope {
    #[derive(Deserialize)]
    struct Message<'a> {
        #[serde(borrow, default)]
        message: std::borrow::Cow<'a, str>,
    }
    let message = serde_json::from_str::<Message<'_>>(params.get()).map(|params| params.message).unwrap_or_default();
    let word = message.split_whitespace().next().unwrap_or_default();
    let starts_over = ["/new", "/reset"].iter().any(|command| word.eq_ignore_ascii_case(command));
    if starts_over { Scope::Admin } else { Scope::Write }
}

async fn by_id(call: &Call, id: &str) -> Result<SessionKey, WireError> {
    let missing = || WireError::not_found(format!("No session found: {}", id.chars().take(80).collect::<String>()));
    // A word that is no transcript's identifier names a session of the default agent.
    let Ok(uuid) = id.parse::<uuid::Uuid>() else {
        return SessionKey::new(id)
            .map(|key| call.canonical(&key))
            .map_err(|error| WireError::params(error.to_string()));
    };
    let read = call
        .state()
        .store
        .read(move |reader| reader.session_by_id(uuid))
        .await
        .map_err(|error| fault::store(&error))?;
    read.map(|session| session.key).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starting_over_takes_an_administrator_in_every_spelling() {
        let needed_for = |message: &str| {
            let params = serde_json::json!({ "message": message });
            needed(&serde_json::value::to_raw_value(&params).unwrap())
        };
        for message in ["/new", "/reset now", "/ReSet", "/NEW\nnow", " /new"] {
            assert_eq!(needed_for(message), Scope::Admin, "{message:?}");
        }
        for message in ["", "hello", "/newer", "say /new"] {
            assert_eq!(needed_for(message), Scope::Write, "{message:?}");
        }
    }
}

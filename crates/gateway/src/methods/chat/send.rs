//! `chat.send`: says something in a conversation; the reply streams as events.

use crate::{
    methods::prelude::*,
    runs::{RunOutcome, Runs, Submitted},
    turn::{self, Ask, Attachment},
};

params! {
    /// What to say, and where.
    {
        /// Session key; `main` is the default agent's main session.
        session_key: SessionKey,
        /// Whose session it is, when the key does not say.
        #[serde(default)]
        agent_id: Option<AgentId>,
        /// The text, at most 1 MiB.
        message: String,
        /// Thinking level for this turn.
        #[serde(default)]
        thinking: Option<String>,
        /// What to do when a run is at work: `steer`, `followup`, `collect` or `interrupt`.
        #[serde(default)]
        queue_mode: Option<String>,
        /// Images.
        #[serde(default)]
        attachments: Vec<Attachment>,
        /// How long the run may take, milliseconds.
        #[serde(default)]
        timeout_ms: Option<u64>,
        /// Names the run. The same key again does not run twice.
        idempotency_key: RunId,
    } understood {
        session_id intent fast_mode fast_auto_on_seconds deliver originating_channel originating_to originating_account_id
        originating_thread_id reply_to_id tool_bindings system_input_provenance system_provenance_receipt
        suppress_command_interpretation expected_leaf_entry_id expected_session_routing_contract expected_permission_mode
        expected_tool_overrides
    }
}

pub(crate) struct Send;

impl Method for Send {
    const NAME: &'static str = "chat.send";
    const ABOUT: &'static str = "Says something in a conversation; the reply streams as chat events.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("run.accepted");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        if params.message.trim() == "/stop" {
            let key = call.canonical(&params.session_key);
            let run_ids = Runs::abort(call.state(), &key, None, "stop").await?;
            return Ok(json!({ "ok": true, "aborted": !run_ids.is_empty(), "runIds": run_ids }));
        }
        let ask = Ask {
            method: Self::NAME,
            text: params.message,
            attachments: params.attachments,
            session_key: Some(params.session_key),
            agent_id: params.agent_id,
            queue_mode: params.queue_mode,
            thinking: params.thinking,
            timeout_ms: params.timeout_ms,
            ..Ask::default()
        };
        let turn = turn::submit(&call, ask, params.idempotency_key).await?;
        if call.dialect() == Dialect::V1 {
            return spec_003(&call, &turn).await;
        }
        match turn.submitted {
            Submitted::Accepted { .. } => Ok(json!({ "runId": turn.run_id, "status": "started" })),
            Submitted::Known(run) => match turn::status_word(&run) {
                "error" => Err(turn::failed(&run)),
                word => Ok(json!({ "runId": turn.run_id, "status": word })),
            },
        }
    }
}

/// Dialect 1 answers twice: accepted, then the whole reply.
async fn spec_003(call: &Call, turn: &turn::Turn) -> Result<Value, WireError> {
    call.accepted(&json!({ "status": "accepted", "runId": turn.run_id }));
    let run = turn::ended(call, &turn.run_id, None).await?;
    match run {
        Some(run) if turn::status_word(&run) == "ok" => {
            Ok(json!({ "type": "message", "runId": turn.run_id, "content": RunOutcome::of(&run).text }))
        }
        Some(run) => Err(turn::failed(&run)),
        None => Err(WireError::unavailable(detail::SHUTTING_DOWN, "the gateway is stopping").retryable(Some(1000))),
    }
}

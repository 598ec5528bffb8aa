//! `chat.inject`: puts an assistant's message into a conversation.

use std::sync::Arc;

use openclaw_core::record::{SessionSettings, Totals};
use openclaw_protocol::event::{ChatEnd, ChatState, Event, SessionMessage};
use openclaw_store::{Change, NewMessage, Outcome, SessionPatch, Transaction};

use crate::{methods::prelude::*, rows, runs};

params! {
    /// What to put where.
    {
        /// Session key.
        session_key: SessionKey,
        /// The text.
        message: String,
        /// Stands before the text in brackets, at most 100 characters.
        #[serde(default)]
        label: Option<String>,
    } understood { agent_id }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    ok: bool,
    /// Identifier of the message.
    message_id: String,
}

pub(crate) struct Inject;

impl Method for Inject {
    const NAME: &'static str = "chat.inject";
    const ABOUT: &'static str = "Puts an assistant's message into a conversation without asking a model.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("chat.injected");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        if params.message.trim().is_empty() {
            return Err(WireError::params("invalid chat.inject params: at /message: must not be empty")
                .with("path", "params.message"));
        }
        if params.label.as_ref().is_some_and(|label| label.chars().count() > 100) {
            let text = "invalid chat.inject params: at /label: must not have more than 100 characters";
            return Err(WireError::params(text).with("path", "params.label"));
        }
        let key = call.canonical(&params.session_key);
        let agent = state.agent(&call.agent_of(&key))?;
        let (now, id) = (call.now_ms(), state.ids.uuid());
        let message = Arc::new(runs::injected(&params.message, params.label.as_deref(), now));
        let audit = call.audit(
            "chat.injected",
            Self::NAME,
            Some(key.to_string()),
            json!({ "messageId": id, "bytes": params.message.len() }),
        );
        let session = rows::fresh_session(state, &key, &agent.id, None, SessionSettings::default(), now);
        let changes = vec![
            Change::EnsureSession { session },
            Change::AppendMessages {
                key: key.clone(),
                messages: vec![NewMessage { id, run_id: None, body: (*message).clone() }],
                totals_add: Totals::default(),
                aborted_last_run: None,
            },
            // Changes nothing: what comes of it is the session as it is told.
            Change::PatchSession { key: key.clone(), patch: SessionPatch::default(), create: None },
        ];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        if let Some(Outcome::Messages { last_seq, .. }) = committed.outcomes.get(1) {
            let (session_key, agent_id, message) = (key.clone(), agent.id.clone(), Arc::clone(&message));
            state.hub.publish(Event::SessionMessage(SessionMessage {
                session_key,
                agent_id,
                message,
                message_seq: *last_seq,
            }));
        }
        state.hub.publish(Event::ChatEnd(ChatEnd {
            run_id: RunId::new(format!("inject-{id}")).map_err(|error| WireError::params(error.to_string()))?,
            session_key: key.clone(),
            agent_id: agent.id,
            seq: 0,
            state: ChatState::Final,
            message: Some(message),
            stop_reason: None,
            error_message: None,
            error_kind: None,
            error_detail: None,
            usage: None,
        }));
        if let Some(Outcome::Session(session)) = committed.outcomes.last() {
            rows::told(state, &key, Some(session), "message");
        }
        Ok(Reply { ok: true, message_id: id.to_string() })
    }
}

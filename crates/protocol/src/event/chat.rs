//! What a conversation hears of a run: its text, and its end.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::ErrorDetail;
use crate::{AgentId, RunId, SessionKey, frame::event_open};

/// A run produced text: `text[from..]` is new.
#[derive(Clone, Debug)]
pub struct ChatDelta {
    /// Which run.
    pub run_id: RunId,
    /// Where.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// Position in the run's events.
    pub seq: u64,
    /// All text so far.
    pub text: Arc<str>,
    /// Byte offset, on a character boundary, from which the text is new.
    pub from: usize,
    /// When the run began to speak.
    pub ts: i64,
}

impl ChatDelta {
    pub(super) fn body(&self) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Payload<'a> {
            run_id: &'a RunId,
            session_key: &'a SessionKey,
            agent_id: &'a AgentId,
            seq: u64,
            state: &'static str,
            delta_text: &'a str,
            message: AssistantText<'a>,
        }
        event_open(
            "chat",
            &Payload {
                run_id: &self.run_id,
                session_key: &self.session_key,
                agent_id: &self.agent_id,
                seq: self.seq,
                state: "delta",
                delta_text: &self.text[self.from..],
                message: AssistantText {
                    role: "assistant",
                    content: [TextPart { kind: "text", text: &self.text }],
                    timestamp: self.ts,
                },
            },
            None,
        )
    }

    pub(super) fn body_v1(&self) -> Vec<u8> {
        let payload = json!({ "runId": self.run_id, "sessionId": self.session_key, "delta": &self.text[self.from..] });
        event_open("chat.delta", &payload, None)
    }
}

#[derive(Serialize)]
struct AssistantText<'a> {
    role: &'static str,
    content: [TextPart<'a>; 1],
    timestamp: i64,
}

#[derive(Serialize)]
struct TextPart<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatState {
    /// Well.
    Final,
    /// On request.
    Aborted,
    /// With an error.
    Error,
}

impl ChatState {
    pub(super) const fn name_v1(self) -> &'static str {
        match self {
            Self::Final => "chat.final",
            Self::Aborted => "chat.aborted",
            Self::Error => "chat.error",
        }
    }
}

/// A run ended.
#[derive(Clone, Debug)]
pub struct ChatEnd {
    /// Which run.
    pub run_id: RunId,
    /// Where.
    pub session_key: SessionKey,
    /// Whose.
    pub agent_id: AgentId,
    /// Position in the run's events.
    pub seq: u64,
    /// How.
    pub state: ChatState,
    /// The whole message; after an abort what there was of it.
    pub message: Option<Arc<Value>>,
    /// `stop`, `max_tokens`, `rpc`, `timeout`, …
    pub stop_reason: Option<String>,
    /// What went wrong.
    pub error_message: Option<String>,
    /// `refusal`, `timeout`, `rate_limit`, `context_length` or `unknown`.
    pub error_kind: Option<&'static str>,
    /// Which model failed, and how.
    pub error_detail: Option<ErrorDetail>,
    /// Tokens of this run.
    pub usage: Option<Arc<Value>>,
}

impl ChatEnd {
    pub(super) fn payload(&self) -> Value {
        let mut payload = json!({
            "runId": self.run_id, "sessionKey": self.session_key, "agentId": self.agent_id, "seq": self.seq, "state": self.state,
        });
        if let Some(message) = &self.message {
            payload["message"] = (**message).clone();
        }
        match self.state {
            ChatState::Final => {
                if let Some(usage) = &self.usage {
                    payload["usage"] = (**usage).clone();
                }
                set(&mut payload, "stopReason", self.stop_reason.as_deref());
            }
            ChatState::Aborted => set(&mut payload, "stopReason", self.stop_reason.as_deref()),
            ChatState::Error => {
                set(&mut payload, "errorMessage", self.error_message.as_deref());
                set(&mut payload, "errorKind", self.error_kind);
                if let Some(detail) = &self.error_detail {
                    payload["errorDetail"] = json!(detail);
                }
            }
        }
        payload
    }
}

fn set(payload: &mut Value, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        payload[name] = json!(value);
    }
}

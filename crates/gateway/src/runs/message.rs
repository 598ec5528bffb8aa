//! Messages as the transcript keeps them and `chat.history` shows them (PROTOCOL §6.2).

use openclaw_agents::{ModelRef, Part};
use openclaw_core::record::TranscriptMessage;
use openclaw_protocol::RunId;
use serde_json::{Value, json};
use uuid::Uuid;

use super::outcome::Tokens;

/// Stands for provider and api of what no model said.
const GATEWAY: &str = "gateway";

/// A user's message: text, or text and images.
pub(crate) fn user(text: &str, images: &[(String, String)], run_id: &str, now_ms: i64) -> Value {
    let content = if images.is_empty() {
        json!(text)
    } else {
        let mut parts = vec![json!({ "type": "text", "text": text })];
        parts.extend(images.iter().map(|(mime, data)| json!({ "type": "image", "mimeType": mime, "data": data })));
        Value::Array(parts)
    };
    json!({ "role": "user", "content": content, "timestamp": now_ms, "idempotencyKey": run_id })
}

/// Says where a message stands in its transcript, and which run it belongs to: by that a client knows the end of a stream
/// that it showed.
pub(crate) fn place(shown: &mut Value, id: Option<Uuid>, seq: u64, run_id: Option<&RunId>, ts: i64) {
    let mut place = json!({ "seq": seq, "recordTimestampMs": ts });
    if let Some(id) = id {
        place["id"] = json!(id);
    }
    if let Some(run_id) = run_id {
        place["runId"] = json!(run_id);
    }
    shown["__openclaw"] = place;
}

/// What an assistant said.
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) thinking: &'a [(String, Option<String>)],
    pub(super) model: &'a ModelRef,
    pub(super) api: &'a str,
    pub(super) usage: Tokens,
    pub(super) stop_reason: &'a str,
    pub(super) error: Option<&'a str>,
    pub(super) now_ms: i64,
}

/// An assistant's message.
pub(super) fn assistant(said: &Said<'_>) -> Value {
    let mut content: Vec<Value> = said
        .thinking
        .iter()
        .map(|(thinking, signature)| match signature {
            Some(signature) => json!({ "type": "thinking", "thinking": thinking, "thinkingSignature": signature }),
            None => json!({ "type": "thinking", "thinking": thinking }),
        })
        .collect();
    if !said.text.is_empty() {
        content.push(json!({ "type": "text", "text": said.text }));
    }
    let mut message = json!({
        "role": "assistant", "content": content, "api": said.api, "provider": said.model.provider, "model": said.model.model,
        "usage": said.usage, "stopReason": said.stop_reason, "timestamp": said.now_ms,
    });
    if let Some(error) = said.error {
        message["errorMessage"] = json!(error);
    }
    message
}

/// An assistant's message that was put there rather than said (`chat.inject`).
pub(crate) fn injected(text: &str, label: Option<&str>, now_ms: i64) -> Value {
    let text = label.map_or_else(|| text.to_owned(), |label| format!("[{label}]\n\n{text}"));
    json!({
        "role": "assistant", "content": [{ "type": "text", "text": text }], "api": GATEWAY, "provider": GATEWAY,
        "model": "injected", "usage": Tokens::default(), "stopReason": "stop", "timestamp": now_ms,
    })
}

/// Provider and model of the newest message that a model wrote.
pub(crate) fn answered_by(lines: &[TranscriptMessage]) -> Option<(&str, &str)> {
    lines.iter().rev().find_map(|line| {
        let said = line.body["role"] == "assistant" && line.body["api"] != GATEWAY;
        Some((line.body["provider"].as_str()?, line.body["model"].as_str()?)).filter(|_| said)
    })
}

/// The text of a message, without thinking and tool calls.
pub(crate) fn text_of(body: &Value) -> String {
    match &body["content"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter(|part| part["type"] == "text").filter_map(|part| part["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// The parts of a message that a model gets.
pub(super) fn parts(body: &Value) -> Vec<Part> {
    match &body["content"] {
        Value::String(text) => vec![Part::Text(text.clone())],
        Value::Array(parts) => parts.iter().filter_map(part).collect(),
        _ => Vec::new(),
    }
}

fn part(part: &Value) -> Option<Part> {
    let text = |name: &str| part[name].as_str().map(str::to_owned);
    match part["type"].as_str()? {
        "text" => Some(Part::Text(text("text")?)),
        "image" => Some(Part::Image { mime: text("mimeType")?, base64: text("data")?.into_bytes().into() }),
        "thinking" => Some(Part::Thinking { text: text("thinking")?, signature: text("thinkingSignature") }),
        _ => None,
    }
}

//! What a model is asked: the system prompt and as much of the conversation as fits.

use openclaw_agents::{Message, ModelInfo, ModelRef, Part, Request, Role, Sampling};
use openclaw_core::record::TranscriptMessage;
use openclaw_protocol::WireError;

use super::message::parts;

/// Transcript lines that are looked at.
pub(super) const LINES: usize = 400;
/// Bytes of text that count as one token when nobody has counted.
const BYTES_PER_TOKEN: usize = 4;
/// Tokens that an image is taken to cost.
const IMAGE_TOKENS: usize = 1500;
/// Most tokens that a reply may have unless the model allows fewer.
const REPLY_TOKENS: u32 = 8192;

/// What a caller asks of a single answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    /// The most tokens that it may have, without thinking.
    pub(crate) max_tokens: Option<u32>,
    /// How the model chooses its words.
    pub(crate) sampling: Sampling,
}

/// Puts the request together. The newest message always goes in.
pub(super) fn request(
    model: &ModelRef,
    info: &ModelInfo,
    system_prompt: &str,
    transcript: &[TranscriptMessage],
    thinking: Option<&str>,
    limits: &Limits,
) -> Request {
    let max_tokens = match limits.max_tokens {
        // Whoever asks for more than is usual gets what the model can.
        Some(wanted) => wanted.clamp(1, info.max_output.max(1)),
        None => info.max_output.min(REPLY_TOKENS),
    };
    let mut budget = (info.context_window.saturating_sub(max_tokens) as usize).saturating_sub(tokens(system_prompt));
    let mut messages = Vec::new();
    for line in transcript.iter().rev() {
        let role = match line.body["role"].as_str() {
            Some("user") => Role::User,
            Some("assistant") if line.body["stopReason"] != "error" => Role::Assistant,
            _ => continue,
        };
        let parts = parts(&line.body);
        let cost: usize = parts.iter().map(part_tokens).sum();
        if parts.is_empty() || (cost > budget && !messages.is_empty()) {
            if parts.is_empty() {
                continue;
            }
            break;
        }
        budget = budget.saturating_sub(cost);
        messages.push(Message { role, parts });
    }
    if !system_prompt.is_empty() {
        messages.push(Message::text(Role::System, system_prompt));
    }
    messages.reverse();
    Request {
        model: model.model.clone(),
        messages,
        tools: Vec::new(),
        max_tokens,
        sampling: limits.sampling.clone(),
        thinking_budget: thinking.filter(|_| info.reasoning).and_then(budget_of),
        traceparent: None,
        extra: None,
    }
}

fn tokens(text: &str) -> usize {
    text.len().div_ceil(BYTES_PER_TOKEN)
}

fn part_tokens(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Thinking { text, .. } => tokens(text),
        Part::Image { .. } => IMAGE_TOKENS,
        Part::ToolCall { args, .. } => tokens(&args.to_string()),
        Part::ToolResult { content, .. } => tokens(content),
    }
}

/// Levels of thinking that people can set.
const LEVELS: [&str; 8] = ["off", "minimal", "low", "medium", "adaptive", "high", "xhigh", "max"];

/// Refuses a level of thinking that no model would be asked for.
///
/// # Errors
/// When the word is none of the levels.
pub(crate) fn check_thinking(method: &str, level: Option<&str>) -> Result<(), WireError> {
    match level {
        Some(word) if !LEVELS.contains(&word) => {
            let text = format!("invalid {method} params: at /thinkingLevel: must be one of {}", LEVELS.join(", "));
            Err(WireError::params(text).with("path", "params.thinkingLevel"))
        }
        _ => Ok(()),
    }
}

/// Tokens a model may think for at a level.
fn budget_of(level: &str) -> Option<u32> {
    match level {
        "minimal" => Some(1024),
        "low" => Some(2048),
        "medium" | "adaptive" => Some(4096),
        "high" => Some(6144),
        "xhigh" => Some(7168),
        "max" => Some(8192),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(role: &str, text: &str) -> TranscriptMessage {
        TranscriptMessage {
            seq: 1,
            id: uuid::Uuid::nil(),
            ts: 0,
            run_id: None,
            body: json!({ "role": role, "content": text }),
        }
    }

    #[test]
    fn the_newest_messages_that_fit_are_sent_in_order() {
        let info = ModelInfo { context_window: 100, max_output: 20, ..ModelInfo::unknown("p", "m") };
        let old = "x".repeat(400);
        let transcript = [line("user", &old), line("assistant", "hello"), line("user", "newest")];
        let request = request(&ModelRef::new("p", "m"), &info, "be kind", &transcript, None, &Limits::default());
        let texts: Vec<String> = request.messages.iter().map(|message| format!("{:?}", message.parts)).collect();
        assert_eq!(texts, [r#"[Text("be kind")]"#, r#"[Text("hello")]"#, r#"[Text("newest")]"#]);
    }

    #[test]
    fn a_caller_shortens_an_answer_and_cannot_make_it_longer_than_the_model_can() {
        let info = ModelInfo { context_window: 100_000, max_output: 20_000, ..ModelInfo::unknown("p", "m") };
        let asked = |max_tokens| {
            let sampling = Sampling { temperature: Some(0.5), ..Sampling::default() };
            let limits = Limits { max_tokens, sampling };
            let request = request(&ModelRef::new("p", "m"), &info, "", &[line("user", "x")], None, &limits);
            assert_eq!(request.sampling.temperature, Some(0.5));
            request.max_tokens
        };
        let asked = [None, Some(5), Some(12_000), Some(u32::MAX)].map(asked);
        assert_eq!(asked, [REPLY_TOKENS, 5, 12_000, 20_000]);
    }

    #[test]
    fn the_last_message_is_sent_even_when_it_is_too_long() {
        let info = ModelInfo { context_window: 30, max_output: 20, ..ModelInfo::unknown("p", "m") };
        let request =
            request(&ModelRef::new("p", "m"), &info, "", &[line("user", &"x".repeat(4000))], None, &Limits::default());
        assert_eq!(request.messages.len(), 1);
    }

    #[test]
    fn failed_replies_are_not_shown_to_the_model() {
        let mut failed = line("assistant", "half");
        failed.body["stopReason"] = json!("error");
        let info = ModelInfo::unknown("p", "m");
        let request = request(
            &ModelRef::new("p", "m"),
            &info,
            "",
            &[line("user", "a"), failed, line("user", "b")],
            None,
            &Limits::default(),
        );
        assert_eq!(request.messages.len(), 2);
    }
}

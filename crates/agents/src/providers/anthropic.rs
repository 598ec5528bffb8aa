//! Anthropic Messages: `POST /v1/messages`.
//!
//! Turns alternate; all results of a turn come first in one user turn. The stream names its blocks by index, sends the
//! input tokens at once, and ends with `message_stop`.

use openclaw_core::Secret;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::{
    body::{arguments, effort, system, to_json, turns},
    calls::{Calls, text_delta, thinking_delta, word},
    remote::Wire,
    signature,
};
use crate::{
    Error,
    provider::{Delta, Part, Request, Role, Stop, Usage},
    transport::{Decode, Endpoint, Framing, Limit, stop_after},
};

pub(super) struct Anthropic;

const TAG: &str = "anthropic";
/// Tags thoughts that the vendor hides altogether.
const REDACTED_TAG: &str = "anthropic-redacted";
/// The least that the vendor accepts.
const MIN_BUDGET: u32 = 1_024;

impl Wire for Anthropic {
    const FRAMING: Framing = Framing::Events;
    const LIMITS: &'static [Limit] = &[
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"),
        ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset"),
        ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset"),
        ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset"),
    ];
    type Decoder = Decoder;

    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error> {
        let endpoint = endpoint.with_public_header("anthropic-version", "2023-06-01");
        endpoint.with_key("x-api-key", "", key)
    }

    fn url(&self, endpoint: &Endpoint, _: &Request) -> Url {
        endpoint.url(Some("v1"), "messages")
    }

    fn body(&self, _: &Endpoint, request: &Request) -> Vec<u8> {
        let (thinking, output_config, room) = match request.thinking_budget {
            None => (None, None, 0),
            Some(budget) if takes_budget(&request.model) => {
                let budget_tokens = budget.max(MIN_BUDGET);
                (Some(Thinking::Enabled { budget_tokens }), None, budget_tokens)
            }
            Some(budget) => (Some(Thinking::Adaptive), Some(OutputConfig { effort: effort(budget) }), budget),
        };
        let (sampling, thinks) = (&request.sampling, thinking.is_some());
        let body = Body {
            model: &request.model,
            // The vendor counts thinking into this limit.
            max_tokens: request.max_tokens.saturating_add(room),
            stream: true,
            system: system(&request.messages),
            messages: turns(&request.messages).into_iter().filter_map(|(role, parts)| turn(role, &parts)).collect(),
            tools: request
                .tools
                .iter()
                .map(|tool| Tool { name: &tool.name, description: &tool.description, input_schema: &tool.schema })
                .collect(),
            // A model that thinks refuses to be told how warm to be, and newer ones refuse both at once.
            temperature: sampling.temperature.filter(|_| !thinks).map(|temperature| temperature.min(1.0)),
            top_p: sampling.top_p.filter(|_| !thinks && sampling.temperature.is_none()),
            stop_sequences: &sampling.stop,
            thinking,
            output_config,
        };
        to_json(&body, request.extra.as_ref())
    }
}

/// Models up to 4.5, and those of other vendors behind this wire, think by budget; later ones refuse a budget and take
/// an effort.
fn takes_budget(model: &str) -> bool {
    let old =
        ["claude-3", "claude-opus-4-0", "claude-opus-4-1", "claude-opus-4-2", "claude-opus-4-5", "claude-opus-4@"];
    let old_sonnet =
        ["claude-sonnet-4-0", "claude-sonnet-4-2", "claude-sonnet-4-5", "claude-sonnet-4@", "claude-haiku-4"];
    !model.starts_with("claude-") || old.iter().chain(&old_sonnet).any(|prefix| model.starts_with(prefix))
}

fn turn<'a>(role: Role, parts: &[&'a Part]) -> Option<Turn<'a>> {
    let mut content: Vec<Block<'a>> = parts.iter().filter_map(|part| block(part)).collect();
    // Results must come before anything else in their turn.
    content.sort_by_key(|block| !matches!(block, Block::ToolResult { .. }));
    (!content.is_empty()).then_some(Turn { role: if role == Role::Assistant { "assistant" } else { "user" }, content })
}

fn block(part: &Part) -> Option<Block<'_>> {
    Some(match part {
        // Empty text is refused.
        Part::Text(text) if text.is_empty() => return None,
        Part::Text(text) => Block::Text { text },
        Part::Image { mime, base64 } => Block::Image {
            source: Source { kind: "base64", media_type: mime, data: String::from_utf8_lossy(base64).into_owned() },
        },
        Part::Thinking { text, signature } => {
            let signature = signature.as_deref();
            match (signature::own(TAG, signature), signature::own(REDACTED_TAG, signature)) {
                (Some(signature), _) => Block::Thinking { thinking: text, signature },
                (None, Some(data)) => Block::RedactedThinking { data },
                // Unsigned thoughts are refused.
                (None, None) => return None,
            }
        }
        Part::ToolCall { id, name, args } => Block::ToolUse { id, name, input: arguments(args) },
        Part::ToolResult { id, content, is_error } => {
            Block::ToolResult { tool_use_id: id, content, is_error: *is_error }
        }
    })
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_config: Option<OutputConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    Image {
        source: Source<'a>,
    },
    Thinking {
        thinking: &'a str,
        signature: &'a str,
    },
    RedactedThinking {
        data: &'a str,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

#[derive(Serialize)]
struct Source<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    media_type: &'a str,
    data: String,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Thinking {
    Enabled { budget_tokens: u32 },
    Adaptive,
}

#[derive(Serialize)]
struct OutputConfig {
    effort: &'static str,
}

#[derive(Default)]
pub(super) struct Decoder {
    usage: Usage,
    stop: Option<Stop>,
    calls: Calls,
}

impl Decoder {
    /// Counts are totals so far; absent ones keep their value.
    fn usage(&mut self, counts: &Value, out: &mut Vec<Delta>) {
        let before = self.usage;
        let count = |name: &str, known: u64| counts[name].as_u64().unwrap_or(known);
        self.usage = Usage {
            input: count("input_tokens", before.input),
            output: count("output_tokens", before.output),
            cache_read: count("cache_read_input_tokens", before.cache_read),
            cache_write: count("cache_creation_input_tokens", before.cache_write),
            reasoning: counts["output_tokens_details"]["thinking_tokens"].as_u64().unwrap_or(before.reasoning),
        };
        if self.usage != before {
            out.push(Delta::Usage(self.usage));
        }
    }
}

impl Decode for Decoder {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        let key = event["index"].as_u64().unwrap_or(0);
        match event["type"].as_str().unwrap_or_default() {
            "message_start" => self.usage(&event["message"]["usage"], out),
            "content_block_start" => {
                let block = &event["content_block"];
                match block["type"].as_str() {
                    Some("tool_use") => {
                        let id = block["id"].as_str().unwrap_or_default().to_owned();
                        self.calls.start(key, id, block["name"].as_str().unwrap_or_default(), out);
                    }
                    Some("redacted_thinking") => {
                        out.extend(
                            word(&block["data"])
                                .map(|data| Delta::ThinkingSignature(signature::tagged(REDACTED_TAG, data))),
                        );
                    }
                    Some("text") => out.extend(text_delta(&block["text"])),
                    _ => {}
                }
            }
            "content_block_delta" => {
                let delta = &event["delta"];
                match delta["type"].as_str() {
                    Some("text_delta") => out.extend(text_delta(&delta["text"])),
                    Some("thinking_delta") => {
                        out.extend(thinking_delta(&delta["thinking"]));
                    }
                    Some("signature_delta") => out.extend(
                        word(&delta["signature"]).map(|text| Delta::ThinkingSignature(signature::tagged(TAG, text))),
                    ),
                    Some("input_json_delta") => {
                        self.calls.arguments(key, delta["partial_json"].as_str().unwrap_or_default(), out);
                    }
                    _ => {}
                }
            }
            "content_block_stop" => self.calls.end(key, out),
            "message_delta" => {
                self.usage(&event["usage"], out);
                if let Some(reason) = word(&event["delta"]["stop_reason"]) {
                    self.stop = Some(stop(reason));
                }
            }
            "message_stop" => {
                self.calls.end_all(out);
                out.push(Delta::Done(stop_after(self.stop.take(), self.calls.count)));
            }
            "ping" => out.push(Delta::KeepAlive),
            _ => {}
        }
        Ok(())
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "end_turn" => Stop::EndTurn,
        "max_tokens" | "model_context_window_exceeded" => Stop::MaxTokens,
        "tool_use" => Stop::ToolUse,
        "stop_sequence" => Stop::StopSequence,
        "refusal" => Stop::Refusal,
        other => Stop::Other(other.into()),
    }
}

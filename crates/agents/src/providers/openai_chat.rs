//! OpenAI Chat Completions, which OpenRouter, LM Studio, vLLM and most others imitate: `POST /chat/completions`.
//!
//! The stream is over at `[DONE]`, or at the body's end once a `finish_reason` came: some servers omit `[DONE]`. The
//! usage comes after the `finish_reason`.

use openclaw_core::Secret;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::{
    body::{FunctionTool, arguments, data_url, effort, function_tools, text, to_json},
    calls::{Calls, id_or_made_up, text_delta, usage, word},
    remote::Wire,
};
use crate::{
    Error,
    provider::{Delta, Part, Request, Role, Sampling, Stop, Usage},
    transport::{Decode, Endpoint, Framing, Limit, stop_after},
};

pub(super) struct OpenAiChat;

impl Wire for OpenAiChat {
    const FRAMING: Framing = Framing::Events;
    const LIMITS: &'static [Limit] = &[
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    ];
    type Decoder = Decoder;

    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error> {
        endpoint.with_key("authorization", "Bearer ", key)
    }

    fn url(&self, endpoint: &Endpoint, _: &Request) -> Url {
        endpoint.url(None, "chat/completions")
    }

    fn body(&self, endpoint: &Endpoint, request: &Request) -> Vec<u8> {
        // Only the vendor itself knows the new name of the limit, and its newer models refuse the old one.
        let vendor = endpoint.base_url.host_str().is_some_and(|host| host.ends_with(".openai.com"));
        // The vendor counts thinking into the limit.
        let limit = request.limit();
        let body = Body {
            model: &request.model,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
            max_completion_tokens: vendor.then_some(limit),
            max_tokens: (!vendor).then_some(limit),
            messages: messages(request),
            tools: function_tools(request),
            reasoning_effort: request.thinking_budget.map(effort),
            sampling: &request.sampling,
        };
        to_json(&body, request.extra.as_ref())
    }
}

fn messages(request: &Request) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    for message in &request.messages {
        // Each result is a message of its own and must follow its call before anything else.
        for part in &message.parts {
            if let Part::ToolResult { id, content, .. } = part {
                lines.push(Line::Tool { tool_call_id: id, content });
            }
        }
        match message.role {
            Role::System => {
                let texts: Vec<&str> = message.parts.iter().filter_map(text).collect();
                if !texts.is_empty() {
                    lines.push(Line::System { content: texts.join("\n\n") });
                }
            }
            Role::User => {
                let pieces: Vec<Piece<'_>> = message.parts.iter().filter_map(piece).collect();
                match pieces.as_slice() {
                    [] => {}
                    [Piece::Text { text }] => lines.push(Line::User { content: Content::Text(text) }),
                    _ => lines.push(Line::User { content: Content::Pieces(pieces) }),
                }
            }
            Role::Assistant => {
                let content: String = message.parts.iter().filter_map(text).collect();
                let tool_calls: Vec<Call<'_>> = message.parts.iter().filter_map(call).collect();
                if !content.is_empty() || !tool_calls.is_empty() {
                    lines.push(Line::Assistant { content: (!content.is_empty()).then_some(content), tool_calls });
                }
            }
        }
    }
    lines
}

fn piece(part: &Part) -> Option<Piece<'_>> {
    match part {
        Part::Image { mime, base64 } => Some(Piece::ImageUrl { image_url: ImageUrl { url: data_url(mime, base64) } }),
        part => text(part).map(|text| Piece::Text { text }),
    }
}

fn call(part: &Part) -> Option<Call<'_>> {
    match part {
        Part::ToolCall { id, name, args } => {
            Some(Call { id, kind: "function", function: Called { name, arguments: arguments(args).to_string() } })
        }
        _ => None,
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    stream_options: StreamOptions,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    messages: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_effort: Option<&'static str>,
    #[serde(flatten)]
    sampling: &'a Sampling,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
enum Line<'a> {
    System {
        content: String,
    },
    User {
        content: Content<'a>,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Call<'a>>,
    },
    Tool {
        tool_call_id: &'a str,
        content: &'a str,
    },
}

/// The plain form is the one that every imitating server understands.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Pieces(Vec<Piece<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Serialize)]
struct ImageUrl {
    url: String,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Called<'a>,
}

#[derive(Serialize)]
struct Called<'a> {
    name: &'a str,
    arguments: String,
}

#[derive(Default)]
pub(super) struct Decoder {
    usage: Option<Usage>,
    stop: Option<Stop>,
    calls: Calls,
    /// The wire's index of the latest fragment, and how far servers that reuse an index for several calls are shifted.
    shift: u64,
}

impl Decoder {
    fn call(&mut self, position: usize, call: &Value, answer: &str, out: &mut Vec<Delta>) {
        let index = call["index"].as_u64().unwrap_or(position as u64);
        let mut key = (self.shift << 32) | (index & 0xffff_ffff);
        let name = word(&call["function"]["name"]);
        let begins = match (self.calls.open_id(key), word(&call["id"])) {
            (None, _) => true,
            // Some servers give all parallel calls one index; a new id with a name is a new call.
            (Some(open), Some(id)) => open != id && name.is_some(),
            (Some(_), None) => false,
        };
        if begins {
            if self.calls.open_id(key).is_some() {
                self.calls.end(key, out);
                self.shift += 1;
                key = (self.shift << 32) | (index & 0xffff_ffff);
            }
            let id = id_or_made_up(&call["id"], answer, self.calls.count);
            self.calls.start(key, id, name.unwrap_or_default(), out);
        }
        match &call["function"]["arguments"] {
            Value::String(json) => self.calls.arguments(key, json, out),
            // One imitating server sends an object.
            object @ Value::Object(_) => self.calls.arguments(key, &object.to_string(), out),
            _ => {}
        }
    }

    fn finish(&mut self, out: &mut Vec<Delta>) {
        self.calls.end_all(out);
        out.extend(self.usage.take().map(Delta::Usage));
        out.push(Delta::Done(stop_after(self.stop.take(), self.calls.count)));
    }
}

impl Decode for Decoder {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        if let Some(usage) = usage(&event["usage"], "prompt_tokens", "completion_tokens") {
            self.usage = Some(usage);
        }
        let choice = &event["choices"][0];
        let delta = &choice["delta"];
        let thought = word(&delta["reasoning_content"]).or(word(&delta["reasoning"]));
        out.extend(thought.map(|text| Delta::Thinking(text.into())));
        out.extend(text_delta(&delta["content"]));
        let refused = word(&delta["refusal"]);
        out.extend(refused.map(|text| Delta::Text(text.into())));
        let answer = event["id"].as_str().unwrap_or_default();
        for (position, call) in delta["tool_calls"].as_array().into_iter().flatten().enumerate() {
            self.call(position, call, answer, out);
        }
        if let Some(reason) = word(&choice["finish_reason"]) {
            self.stop = Some(if self.stop == Some(Stop::Refusal) { Stop::Refusal } else { stop(reason) });
        } else if refused.is_some() {
            self.stop = Some(Stop::Refusal);
        }
        Ok(())
    }

    fn sentinel(&mut self, out: &mut Vec<Delta>) -> Result<(), Error> {
        if self.stop.is_none() {
            return Err(Error::Cut { cause: Some("[DONE] came before a finish_reason".into()) });
        }
        self.finish(out);
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Delta>) -> Result<(), Error> {
        if self.stop.is_none() {
            return Err(Error::Cut { cause: None });
        }
        self.finish(out);
        Ok(())
    }
}

fn stop(reason: &str) -> Stop {
    match reason {
        "stop" => Stop::EndTurn,
        "length" => Stop::MaxTokens,
        "tool_calls" | "function_call" => Stop::ToolUse,
        "content_filter" => Stop::Refusal,
        other => Stop::Other(other.into()),
    }
}

//! Ollama's own wire: `POST /api/chat`, one JSON value per line, the last one with `done: true`.

use std::collections::HashMap;

use openclaw_core::Secret;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::{
    body::{FunctionTool, arguments, function_tools, text, to_json},
    calls::{Calls, text_delta, thinking_delta, word},
    openai_chat::OpenAiChat,
    remote::Wire,
};
use crate::{
    Error,
    provider::{Delta, Part, Request, Role, Sampling, Stop, Usage},
    transport::{Decode, Endpoint, Framing, stop_after},
};

pub(super) struct Ollama;

impl Wire for Ollama {
    const FRAMING: Framing = Framing::Lines;
    type Decoder = Decoder;

    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error> {
        OpenAiChat.authorize(endpoint, key)
    }

    fn url(&self, endpoint: &Endpoint, _: &Request) -> Url {
        // People write the address of the imitating wire here, too.
        let mut url = endpoint.base_url.clone();
        let base = url.path().trim_end_matches('/');
        let base = base.strip_suffix("/v1").or(base.strip_suffix("/api")).unwrap_or(base);
        url.set_path(&format!("{base}/api/chat"));
        url
    }

    fn body(&self, _: &Endpoint, request: &Request) -> Vec<u8> {
        let body = Body {
            model: &request.model,
            stream: true,
            messages: messages(request),
            tools: function_tools(request),
            options: Options { num_predict: request.limit(), sampling: &request.sampling },
            think: request.thinking_budget.map(|_| true),
        };
        to_json(&body, request.extra.as_ref())
    }
}

fn messages(request: &Request) -> Vec<Line<'_>> {
    let mut calls: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut lines = Vec::new();
    for message in &request.messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        let mut line = Line { role, ..Line::default() };
        let mut results = Vec::new();
        for part in &message.parts {
            match part {
                Part::Image { base64, .. } => line.images.push(String::from_utf8_lossy(base64).into_owned()),
                Part::Thinking { text, .. } if !text.is_empty() => {
                    line.thinking.get_or_insert_default().push_str(text);
                }
                Part::ToolCall { id, name, args } => {
                    calls.insert(id, (calls.len(), name));
                    line.tool_calls.push(Call { function: Called { name, arguments: arguments(args) } });
                }
                Part::ToolResult { id, content, .. } => {
                    let call = calls.get(id.as_str());
                    let tool_name = call.map(|(_, name)| *name);
                    let result = Line { role: "tool", content: content.clone(), tool_name, ..Line::default() };
                    results.push((call.map_or(usize::MAX, |(position, _)| *position), result));
                }
                part => line.content.push_str(text(part).unwrap_or_default()),
            }
        }
        // Each result is a message of its own, before what else its turn says, and only their order tells them apart.
        results.sort_by_key(|(position, _)| *position);
        lines.extend(results.into_iter().map(|(_, result)| result));
        if !line.content.is_empty() || !line.images.is_empty() || !line.tool_calls.is_empty() {
            lines.push(line);
        }
    }
    lines
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    messages: Vec<Line<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<FunctionTool<'a>>,
    options: Options<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    think: Option<bool>,
}

#[derive(Serialize)]
struct Options<'a> {
    num_predict: u32,
    #[serde(flatten)]
    sampling: &'a Sampling,
}

#[derive(Serialize, Default)]
struct Line<'a> {
    role: &'static str,
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_name: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    function: Called<'a>,
}

#[derive(Serialize)]
struct Called<'a> {
    name: &'a str,
    arguments: Value,
}

#[derive(Default)]
pub(super) struct Decoder {
    calls: Calls,
}

impl Decode for Decoder {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        let message = &event["message"];
        out.extend(thinking_delta(&message["thinking"]));
        out.extend(text_delta(&message["content"]));
        let answer = event["created_at"].as_str().unwrap_or_default();
        for call in message["tool_calls"].as_array().into_iter().flatten() {
            let function = &call["function"];
            if let Some(name) = word(&function["name"]) {
                self.calls.whole(answer, &call["id"], name, &function["arguments"], out);
            }
        }
        if event["done"] == true {
            let (input, output) = (event["prompt_eval_count"].as_u64(), event["eval_count"].as_u64());
            if input.is_some() || output.is_some() {
                let (input, output) = (input.unwrap_or(0), output.unwrap_or(0));
                out.push(Delta::Usage(Usage { input, output, ..Usage::default() }));
            }
            let stop = match event["done_reason"].as_str() {
                Some("stop") | None => Stop::EndTurn,
                Some("length") => Stop::MaxTokens,
                Some(other) => Stop::Other(other.into()),
            };
            out.push(Delta::Done(stop_after(Some(stop), self.calls.count)));
        }
        Ok(())
    }
}

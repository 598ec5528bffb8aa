//! OpenAI Responses: `POST /responses`.
//!
//! Nothing is stored at the vendor, so reasoning items come back encrypted and are replayed whole. The stream ends with
//! `response.completed` or `response.incomplete`.

use openclaw_core::Secret;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::{
    body::{arguments, data_url, effort, system, text, to_json},
    calls::{Calls, usage, word},
    openai_chat::OpenAiChat,
    remote::Wire,
    signature,
};
use crate::{
    Error,
    provider::{Delta, Part, Request, Role, Stop},
    transport::{Decode, Endpoint, Framing, Limit, stop_after},
};

pub(super) struct OpenAiResponses;

const TAG: &str = "openai";
/// The least that the vendor accepts.
const MIN_TOKENS: u32 = 16;

impl Wire for OpenAiResponses {
    const FRAMING: Framing = Framing::Events;
    const LIMITS: &'static [Limit] = OpenAiChat::LIMITS;
    type Decoder = Decoder;

    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error> {
        OpenAiChat.authorize(endpoint, key)
    }

    fn url(&self, endpoint: &Endpoint, _: &Request) -> Url {
        endpoint.url(None, "responses")
    }

    fn body(&self, _: &Endpoint, request: &Request) -> Vec<u8> {
        let body = Body {
            model: &request.model,
            stream: true,
            store: false,
            // The vendor counts thinking into this limit.
            max_output_tokens: request.limit().max(MIN_TOKENS),
            instructions: system(&request.messages),
            input: items(request),
            tools: request
                .tools
                .iter()
                .map(|tool| Tool {
                    kind: "function",
                    name: &tool.name,
                    description: &tool.description,
                    parameters: &tool.schema,
                    strict: false,
                })
                .collect(),
            // Models that do not think refuse these two.
            include: request.thinking_budget.map(|_| ["reasoning.encrypted_content"]),
            reasoning: request.thinking_budget.map(|budget| Reasoning { effort: effort(budget), summary: "auto" }),
            temperature: request.sampling.temperature,
            top_p: request.sampling.top_p,
        };
        to_json(&body, request.extra.as_ref())
    }
}

fn items(request: &Request) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for message in &request.messages {
        let mut content = Vec::new();
        let role = match message.role {
            Role::System => continue,
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        // Results first, as everywhere; other items stay in the order in which the model made them.
        for part in &message.parts {
            if let Part::ToolResult { id, content, .. } = part {
                items.push(Item::FunctionCallOutput { call_id: id, output: content });
            }
        }
        for part in &message.parts {
            match part {
                Part::Image { mime, base64 } if message.role == Role::User => {
                    content.push(Piece::InputImage { image_url: data_url(mime, base64) });
                }
                Part::ToolCall { id, name, args } => {
                    flush(&mut items, role, &mut content);
                    items.push(Item::FunctionCall { call_id: id, name, arguments: arguments(args).to_string() });
                }
                Part::Thinking { text, signature } => {
                    let Some(payload) = signature::own(TAG, signature.as_deref()) else { continue };
                    flush(&mut items, role, &mut content);
                    let (id, encrypted_content) = payload.split_once('|').unwrap_or(("", payload));
                    items.push(Item::Reasoning {
                        id: (!id.is_empty()).then_some(id),
                        summary: if text.is_empty() { vec![] } else { vec![Piece::SummaryText { text }] },
                        encrypted_content,
                    });
                }
                part => content.extend(text(part).map(|text| {
                    if message.role == Role::User { Piece::InputText { text } } else { Piece::OutputText { text } }
                })),
            }
        }
        flush(&mut items, role, &mut content);
    }
    items
}

fn flush<'a>(items: &mut Vec<Item<'a>>, role: &'static str, content: &mut Vec<Piece<'a>>) {
    if !content.is_empty() {
        items.push(Item::Message { role, content: std::mem::take(content) });
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    stream: bool,
    store: bool,
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    instructions: Option<String>,
    input: Vec<Item<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning: Option<Reasoning>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item<'a> {
    Message {
        role: &'static str,
        content: Vec<Piece<'a>>,
    },
    FunctionCall {
        call_id: &'a str,
        name: &'a str,
        arguments: String,
    },
    FunctionCallOutput {
        call_id: &'a str,
        output: &'a str,
    },
    Reasoning {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a str>,
        summary: Vec<Piece<'a>>,
        encrypted_content: &'a str,
    },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Piece<'a> {
    InputText { text: &'a str },
    OutputText { text: &'a str },
    SummaryText { text: &'a str },
    InputImage { image_url: String },
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
    strict: bool,
}

#[derive(Serialize)]
struct Reasoning {
    effort: &'static str,
    summary: &'static str,
}

#[derive(Default)]
pub(super) struct Decoder {
    calls: Calls,
    refused: bool,
}

impl Decode for Decoder {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        let key = event["output_index"].as_u64().unwrap_or(0);
        let item = &event["item"];
        let delta = event["delta"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" if !delta.is_empty() => out.push(Delta::Text(delta.into())),
            "response.refusal.delta" if !delta.is_empty() => {
                self.refused = true;
                out.push(Delta::Text(delta.into()));
            }
            "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" if !delta.is_empty() => {
                out.push(Delta::Thinking(delta.into()));
            }
            // Paragraphs of a summary come as parts of their own.
            "response.reasoning_summary_part.added" if event["summary_index"].as_u64() > Some(0) => {
                out.push(Delta::Thinking("\n\n".into()));
            }
            "response.output_item.added" if item["type"] == "function_call" => {
                let id = word(&item["call_id"]).or(word(&item["id"])).unwrap_or_default().to_owned();
                self.calls.start(key, id, item["name"].as_str().unwrap_or_default(), out);
            }
            "response.function_call_arguments.delta" => self.calls.arguments(key, delta, out),
            "response.output_item.done" if item["type"] == "function_call" => {
                // Some servers send the arguments only here.
                if self.calls.lacks_arguments(key) {
                    self.calls.arguments(key, item["arguments"].as_str().unwrap_or_default(), out);
                }
                self.calls.end(key, out);
            }
            "response.output_item.done" if item["type"] == "reasoning" => {
                if let Some(encrypted) = word(&item["encrypted_content"]) {
                    let id = item["id"].as_str().unwrap_or_default();
                    out.push(Delta::ThinkingSignature(signature::tagged(TAG, &format!("{id}|{encrypted}"))));
                }
            }
            kind @ ("response.completed" | "response.incomplete") => {
                let response = &event["response"];
                self.calls.end_all(out);
                out.extend(usage(&response["usage"], "input_tokens", "output_tokens").map(Delta::Usage));
                let stop = match response["incomplete_details"]["reason"].as_str() {
                    Some("max_output_tokens") => Stop::MaxTokens,
                    Some("content_filter") => Stop::Refusal,
                    Some(other) => Stop::Other(other.into()),
                    None if kind == "response.incomplete" => Stop::Other("incomplete".into()),
                    None if self.refused => Stop::Refusal,
                    None => Stop::EndTurn,
                };
                out.push(Delta::Done(stop_after(Some(stop), self.calls.count)));
            }
            _ => {}
        }
        Ok(())
    }
}

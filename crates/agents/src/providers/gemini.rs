//! Google Generative AI: `POST /models/<model>:streamGenerateContent?alt=sse`.
//!
//! The key travels in a header, never in the address. Signatures hang on the part that follows the thought and must go
//! back on the same part. The stream ends with a `finishReason` and the body's end; the usage may come in between.

use std::collections::HashMap;

use openclaw_core::Secret;
use reqwest::Url;
use serde::Serialize;
use serde_json::Value;

use super::{
    body::{arguments, effort, system, to_json, turns},
    calls::{Calls, count, is_made_up, word},
    remote::Wire,
    signature,
};
use crate::{
    Error,
    provider::{Delta, Part, Request, Role, Stop, Tool, Usage},
    transport::{Decode, Endpoint, Framing, stop_after},
};

pub(super) struct Gemini;

const TAG: &str = "gemini";
/// What the vendor documents for calls that another model made: newer models refuse a call without a signature.
const FOREIGN_CALL: &str = "skip_thought_signature_validator";

impl Wire for Gemini {
    const FRAMING: Framing = Framing::Events;
    type Decoder = Decoder;

    fn authorize(&self, endpoint: Endpoint, key: Option<&Secret>) -> Result<Endpoint, Error> {
        endpoint.with_key("x-goog-api-key", "", key)
    }

    fn url(&self, endpoint: &Endpoint, request: &Request) -> Url {
        let model = request.model.strip_prefix("models/").unwrap_or(&request.model);
        let mut url = endpoint.url(None, "models");
        if let Ok(mut path) = url.path_segments_mut() {
            path.push(&format!("{model}:streamGenerateContent"));
        }
        url.query_pairs_mut().append_pair("alt", "sse");
        url
    }

    fn body(&self, _: &Endpoint, request: &Request) -> Vec<u8> {
        let body = Body {
            system_instruction: system(&request.messages)
                .map(|text| Instruction { parts: [Piece { text: Some(text), ..Piece::default() }] }),
            contents: contents(request),
            tools: if request.tools.is_empty() { vec![] } else { vec![declared(&request.tools)] },
            generation_config: Generation {
                // The vendor counts thinking into this limit.
                max_output_tokens: request.limit(),
                thinking_config: request.thinking_budget.map(|budget| Thinking {
                    thinking_budget: takes_budget(&request.model).then_some(budget),
                    thinking_level: (!takes_budget(&request.model)).then(|| effort(budget)),
                    include_thoughts: true,
                }),
                temperature: request.sampling.temperature,
                top_p: request.sampling.top_p,
                stop_sequences: &request.sampling.stop,
                seed: request.sampling.seed,
                frequency_penalty: request.sampling.frequency_penalty,
                presence_penalty: request.sampling.presence_penalty,
            },
        };
        to_json(&body, request.extra.as_ref())
    }
}

fn declared(tools: &[Tool]) -> Tools<'_> {
    let declarations = tools.iter().map(|tool| Declaration {
        name: &tool.name,
        description: &tool.description,
        parameters_json_schema: &tool.schema,
    });
    Tools { function_declarations: declarations.collect() }
}

/// Models before 3 think by budget and do not insist on signatures; later ones take a level.
fn takes_budget(model: &str) -> bool {
    let model = model.strip_prefix("models/").unwrap_or(model);
    ["gemini-1", "gemini-2"].iter().any(|prefix| model.starts_with(prefix))
}

fn contents(request: &Request) -> Vec<Content<'_>> {
    let mut calls: HashMap<&str, (usize, &str)> = HashMap::new();
    let mut contents = Vec::new();
    for (role, parts) in turns(&request.messages) {
        let mut pieces: Vec<Piece<'_>> = Vec::new();
        let mut waiting: Option<&str> = None;
        let mut called = false;
        let mut results: Vec<(usize, Piece<'_>)> = Vec::new();
        for part in parts {
            let mut piece = Piece::default();
            match part {
                Part::Text(text) if text.is_empty() => continue,
                Part::Text(text) => piece.text = Some(text.clone()),
                Part::Image { mime, base64 } => {
                    let data = String::from_utf8_lossy(base64).into_owned();
                    piece.inline_data = Some(Inline { mime_type: mime, data });
                }
                Part::Thinking { signature, .. } => {
                    waiting = signature::own(TAG, signature.as_deref()).or(waiting);
                    continue;
                }
                Part::ToolCall { id, name, args } => {
                    calls.insert(id, (calls.len(), name));
                    piece.function_call = Some(Call { id: known(id), name, args: arguments(args) });
                    if !called && waiting.is_none() && !takes_budget(&request.model) {
                        waiting = Some(FOREIGN_CALL);
                    }
                    called = true;
                }
                Part::ToolResult { id, content, is_error } => {
                    let response = if *is_error { Answer::Error(content) } else { Answer::Output(content) };
                    let (position, name) = calls.get(id.as_str()).copied().unwrap_or((usize::MAX, "unknown"));
                    piece.function_response = Some(Response { id: known(id), name, response });
                    results.push((position, piece));
                    continue;
                }
            }
            if role == Role::Assistant {
                piece.thought_signature = waiting.take();
            }
            pieces.push(piece);
        }
        if let Some(signature) = waiting {
            // A signature without a part after it came with an empty text.
            let text = Some(String::new());
            pieces.push(Piece { text, thought_signature: Some(signature), ..Piece::default() });
        }
        // Results must come before anything else in their turn, and without ids only their order tells them apart.
        results.sort_by_key(|(position, _)| *position);
        pieces.splice(..0, results.into_iter().map(|(_, piece)| piece));
        if !pieces.is_empty() {
            contents.push(Content { role: if role == Role::Assistant { "model" } else { "user" }, parts: pieces });
        }
    }
    contents
}

/// Ids that we made up are kept to ourselves; the vendor then matches by order and name.
fn known(id: &str) -> Option<&str> {
    (!is_made_up(id)).then_some(id)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    system_instruction: Option<Instruction<'a>>,
    contents: Vec<Content<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tools<'a>>,
    generation_config: Generation<'a>,
}

#[derive(Serialize)]
struct Instruction<'a> {
    parts: [Piece<'a>; 1],
}

#[derive(Serialize)]
struct Content<'a> {
    role: &'static str,
    parts: Vec<Piece<'a>>,
}

/// Exactly one of the fields but the signature is there.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct Piece<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inline_data: Option<Inline<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_response: Option<Response<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Inline<'a> {
    mime_type: &'a str,
    data: String,
}

#[derive(Serialize)]
struct Call<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    args: Value,
}

#[derive(Serialize)]
struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    name: &'a str,
    response: Answer<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Answer<'a> {
    Output(&'a str),
    Error(&'a str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Tools<'a> {
    function_declarations: Vec<Declaration<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration<'a> {
    name: &'a str,
    description: &'a str,
    parameters_json_schema: &'a Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Generation<'a> {
    max_output_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_config: Option<Thinking>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f64>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frequency_penalty: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    presence_penalty: Option<f64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Thinking {
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_budget: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking_level: Option<&'static str>,
    include_thoughts: bool,
}

#[derive(Default)]
pub(super) struct Decoder {
    usage: Option<Usage>,
    stop: Option<Stop>,
    calls: Calls,
}

impl Decode for Decoder {
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error> {
        if let Some(usage) = usage(&event["usageMetadata"]) {
            self.usage = Some(usage);
        }
        let answer = event["responseId"].as_str().unwrap_or_default();
        let candidate = &event["candidates"][0];
        for part in candidate["content"]["parts"].as_array().into_iter().flatten() {
            // Before its part, so that it closes the thought that it signs.
            let signature = word(&part["thoughtSignature"]);
            out.extend(signature.map(|text| Delta::ThinkingSignature(signature::tagged(TAG, text))));
            if let Some(text) = word(&part["text"]) {
                let thought = part["thought"] == true;
                out.push(if thought { Delta::Thinking(text.into()) } else { Delta::Text(text.into()) });
            }
            let call = &part["functionCall"];
            if let Some(name) = word(&call["name"]) {
                self.calls.whole(answer, &call["id"], name, &call["args"], out);
            }
        }
        if let Some(reason) = word(&candidate["finishReason"]) {
            self.stop = Some(stop(reason));
        }
        if word(&event["promptFeedback"]["blockReason"]).is_some() {
            self.stop = Some(Stop::Refusal);
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Delta>) -> Result<(), Error> {
        if self.stop.is_none() {
            return Err(Error::Cut { cause: None });
        }
        out.extend(self.usage.take().map(Delta::Usage));
        out.push(Delta::Done(stop_after(self.stop.take(), self.calls.count)));
        Ok(())
    }
}

fn usage(usage: &Value) -> Option<Usage> {
    let input = usage["promptTokenCount"].as_u64()?;
    let cache_read = count(&usage["cachedContentTokenCount"]);
    let reasoning = count(&usage["thoughtsTokenCount"]);
    Some(Usage {
        input: input.saturating_sub(cache_read) + count(&usage["toolUsePromptTokenCount"]),
        output: count(&usage["candidatesTokenCount"]) + reasoning,
        cache_read,
        cache_write: 0,
        reasoning,
    })
}

fn stop(reason: &str) -> Stop {
    match reason {
        "STOP" => Stop::EndTurn,
        "MAX_TOKENS" => Stop::MaxTokens,
        "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" | "IMAGE_SAFETY" => Stop::Refusal,
        other => Stop::Other(other.to_ascii_lowercase()),
    }
}

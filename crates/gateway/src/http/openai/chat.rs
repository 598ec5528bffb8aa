//! `POST /v1/chat/completions`.

use std::{collections::VecDeque, sync::Arc};

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use bytes::Bytes;
use futures_util::stream;
use http::{Request as HttpRequest, Response};
use openclaw_core::record::Run;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Asked, Endpoint, Problem, Sorted, asked, failure,
    steering::{self, Refused, Stop},
    target::{self, Place},
    unsupported, used,
};
use crate::{
    http::{
        rpc::trace,
        sse,
        turns::{self, Piece, Said, Turn, Wanted},
    },
    runs::{Limits, RunOutcome},
    state::State,
    turn::Attachment,
};

/// A request. What it does not say, the agent's own settings decide; what its model has no word for is left out.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Request {
    /// The agent: `openclaw`, `openclaw/default` or `openclaw/<agentId>`.
    #[serde(default)]
    model: Option<String>,
    /// The conversation; the last message is the user's.
    messages: Vec<Message>,
    /// Whether the reply comes as it is made.
    #[serde(default)]
    stream: Option<bool>,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    /// Names a conversation that goes on: requests with the same one share a session.
    #[serde(default)]
    user: Option<String>,
    /// Replies; only 1.
    #[serde(default)]
    n: Option<u64>,
    /// Not supported.
    #[serde(default)]
    tools: Option<Vec<Value>>,
    /// Not supported.
    #[serde(default)]
    functions: Option<Vec<Value>>,
    /// Only `{"type":"text"}`.
    #[serde(default)]
    response_format: Option<Format>,
    /// 0 to 2.
    #[serde(default)]
    temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default)]
    top_p: Option<f64>,
    /// The older name of `max_completion_tokens`.
    #[serde(default)]
    max_tokens: Option<u64>,
    /// The most tokens of the reply, without thinking; at most what the model can.
    #[serde(default)]
    max_completion_tokens: Option<u64>,
    /// At most 4 texts at which the reply ends.
    #[serde(default)]
    stop: Option<Stop>,
    #[serde(default)]
    seed: Option<i64>,
    /// -2 to 2.
    #[serde(default)]
    frequency_penalty: Option<f64>,
    /// -2 to 2.
    #[serde(default)]
    presence_penalty: Option<f64>,
    /// `none`, `minimal`, `low`, `medium`, `high` or `xhigh`.
    #[serde(default)]
    reasoning_effort: Option<String>,
    /// Not supported.
    #[serde(default)]
    logit_bias: Option<Map<String, Value>>,
    /// Not supported.
    #[serde(default)]
    logprobs: Option<bool>,
    /// Not supported.
    #[serde(default)]
    top_logprobs: Option<u64>,
    /// Only `none` and `auto`.
    #[serde(default)]
    tool_choice: Option<Value>,
    /// Only `["text"]`.
    #[serde(default)]
    modalities: Option<Vec<String>>,
    /// Not supported.
    #[serde(default)]
    audio: Option<Value>,
    /// Not supported.
    #[serde(default)]
    prediction: Option<Value>,
    /// Not supported.
    #[serde(default)]
    web_search_options: Option<Value>,
}

/// What a stream tells besides.
#[derive(Debug, Deserialize, JsonSchema)]
struct StreamOptions {
    /// A last piece with what was used.
    #[serde(default)]
    include_usage: Option<bool>,
}

/// Form of the reply.
#[derive(Debug, Deserialize, JsonSchema)]
struct Format {
    #[serde(rename = "type")]
    kind: String,
}

/// Something that was said.
#[derive(Debug, Deserialize, JsonSchema)]
struct Message {
    /// `system`, `developer`, `user` or `assistant`.
    role: String,
    /// Text, or parts.
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message.
#[derive(Debug, Deserialize, JsonSchema)]
struct Part {
    /// `text` or `image_url`.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    image_url: Option<ImageUrl>,
}

/// A picture.
#[derive(Debug, Deserialize, JsonSchema)]
struct ImageUrl {
    /// A `data:` address; the gateway fetches nothing.
    url: String,
}

/// A whole reply.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Completion {
    id: String,
    object: &'static str,
    created: i64,
    model: String,
    choices: [Choice; 1],
    usage: Usage,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Choice {
    index: u32,
    message: Reply,
    finish_reason: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Reply {
    role: &'static str,
    content: String,
}

/// What was used.
#[derive(Debug, Serialize, JsonSchema)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Debug, Serialize, JsonSchema)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

/// A piece of a reply.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: Vec<ChunkChoice<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChunkChoice<'a> {
    index: u32,
    delta: ChunkDelta<'a>,
    finish_reason: Option<&'static str>,
}

#[derive(Debug, Default, Serialize, JsonSchema)]
struct ChunkDelta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
}

/// Answers a request.
pub(in crate::http) async fn complete(Shared(state): Shared<Arc<State>>, request: HttpRequest<Body>) -> Response<Body> {
    const ROUTE: &str = "POST /v1/chat/completions";
    let Asked { caller, parts, request } = match asked::<Request>(&state, request, Endpoint::Chat, ROUTE).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let created = state.clock.now_ms() / 1000;
    let (limits, thinking) = match checked(&request).and_then(|()| steered(&request)) {
        Ok(steered) => steered,
        Err(problem) => return problem.into_response(),
    };
    let Request { model, messages, stream, stream_options, user, .. } = request;
    let begun = async {
        let agent = target::agent(&state, &caller, &parts.headers, model.as_deref())?;
        let run_id = target::run_id(&state, &caller, &parts.headers, "chatcmpl_")?;
        let place = target::session(&state, &agent, &parts.headers, user.as_deref(), &run_id)?;
        let said = said(messages)?;
        let (session, past) = match place {
            // A conversation that lasts remembers by itself.
            Place::Lasting(key) => (key, Vec::new()),
            Place::Own(key) => (key, said.past),
        };
        let wanted = Wanted {
            method: "chat.completions",
            agent,
            session,
            text: said.text,
            attachments: said.images,
            past,
            system: (!said.steering.is_empty()).then(|| said.steering.join("\n\n")),
            model: target::backend(&parts.headers),
            thinking,
            limits,
            timeout_ms: None,
            run_id,
        };
        Ok::<_, Problem>(turns::begin(&state, &caller, wanted, trace(&parts.headers)).await?)
    };
    let turn = match begun.await {
        Ok(turn) => turn,
        Err(problem) => return problem.into_response(),
    };
    let model = model.unwrap_or_else(|| "openclaw".to_owned());
    if stream.unwrap_or(false) {
        let usage = stream_options.and_then(|options| options.include_usage).unwrap_or(false);
        return sse::response(streamed(turn, model, created, usage));
    }
    let id = turn.run_id.to_string();
    let run = match turn.whole().await {
        Ok(run) => run,
        Err(error) => return Problem::from(error).into_response(),
    };
    if let Some(problem) = failure(&run) {
        return problem.into_response();
    }
    let outcome = RunOutcome::of(&run);
    let usage = usage(&outcome);
    let choice = Choice {
        index: 0,
        finish_reason: finish_reason(&outcome),
        message: Reply { role: "assistant", content: outcome.text },
    };
    Json(Completion { id, object: "chat.completion", created, model, choices: [choice], usage }).into_response()
}

fn checked(request: &Request) -> Result<(), Problem> {
    unsupported("tools", request.tools.as_ref().is_some_and(|tools| !tools.is_empty()))?;
    unsupported("functions", request.functions.as_ref().is_some_and(|functions| !functions.is_empty()))?;
    unsupported("n", request.n.is_some_and(|n| n != 1))?;
    unsupported("response_format", request.response_format.as_ref().is_some_and(|format| format.kind != "text"))
}

/// What is asked of the reply, and how much the model thinks about it.
fn steered(request: &Request) -> Result<(Limits, Option<String>), Problem> {
    Refused {
        logit_bias: request.logit_bias.as_ref(),
        logprobs: request.logprobs,
        top_logprobs: request.top_logprobs,
        tool_choice: request.tool_choice.as_ref(),
        modalities: request.modalities.as_deref(),
        audio: request.audio.as_ref(),
        prediction: request.prediction.as_ref(),
        web_search_options: request.web_search_options.as_ref(),
    }
    .check()?;
    // Both are looked at, though the newer one counts.
    let older = steering::tokens("max_tokens", request.max_tokens)?;
    let max_tokens = steering::tokens("max_completion_tokens", request.max_completion_tokens)?.or(older);
    let mut limits = steering::limits(max_tokens, request.temperature, request.top_p)?;
    let sampling = &mut limits.sampling;
    sampling.stop = steering::stop(request.stop.as_ref())?;
    sampling.seed = request.seed;
    sampling.frequency_penalty = steering::number("frequency_penalty", request.frequency_penalty, -2.0, 2.0)?;
    sampling.presence_penalty = steering::number("presence_penalty", request.presence_penalty, -2.0, 2.0)?;
    let thinking = steering::effort("reasoning_effort", request.reasoning_effort.as_deref())?;
    Ok((limits, thinking))
}

/// Sorts what was said: what steers, what is past, and what is asked now.
fn said(messages: Vec<Message>) -> Result<Sorted, Problem> {
    if !messages.iter().any(|message| message.role == "user") {
        return Err(Problem::invalid(Some("messages"), "Missing user message in `messages`."));
    }
    let mut steering = Vec::new();
    let mut turns: Vec<(Said, String, Vec<Attachment>)> = Vec::new();
    for (at, message) in messages.into_iter().enumerate() {
        let (text, images) = text_of(at, message.content)?;
        match message.role.as_str() {
            "system" | "developer" => steering.push(text),
            "user" => turns.push((Said::User, text, images)),
            "assistant" => turns.push((Said::Assistant, text, Vec::new())),
            "tool" | "function" => {
                let text =
                    format!("messages[{at}]: results of tools are not supported by this gateway; leave them out");
                return Err(Problem::invalid(Some("messages"), text));
            }
            role => {
                let role: String = role.chars().take(40).collect();
                let text = format!("messages[{at}].role: \"{role}\" is none of system, developer, user and assistant");
                return Err(Problem::invalid(Some("messages"), text));
            }
        }
    }
    let Some((Said::User, text, images)) = turns.pop() else {
        return Err(Problem::invalid(Some("messages"), "the last message must be the user's"));
    };
    let past = turns.into_iter().map(|(said, text, _)| (said, text)).filter(|(_, text)| !text.is_empty()).collect();
    Ok(Sorted { steering, past, text, images })
}

fn text_of(at: usize, content: Option<Content>) -> Result<(String, Vec<Attachment>), Problem> {
    let parts = match content {
        None => return Ok((String::new(), Vec::new())),
        Some(Content::Text(text)) => return Ok((text, Vec::new())),
        Some(Content::Parts(parts)) => parts,
    };
    let (mut texts, mut images) = (Vec::new(), Vec::new());
    for (part_at, part) in parts.into_iter().enumerate() {
        let wrong =
            |what: &str| Problem::invalid(Some("messages"), format!("messages[{at}].content[{part_at}]: {what}"));
        match (part.kind.as_str(), part.text, part.image_url) {
            ("text" | "input_text", Some(text), _) => texts.push(text),
            ("text" | "input_text", None, _) => return Err(wrong("text is missing")),
            ("image_url", _, Some(image)) => images.push(Attachment::image(image.url).map_err(wrong)?),
            ("image_url", _, None) => return Err(wrong("image_url is missing")),
            _ => return Err(wrong("only parts of type text and image_url can be sent")),
        }
    }
    Ok((texts.join("\n"), images))
}

fn finish_reason(outcome: &RunOutcome) -> &'static str {
    match outcome.stop_reason.as_deref() {
        Some("length") => "length",
        Some("refusal") => "content_filter",
        _ => "stop",
    }
}

fn usage(outcome: &RunOutcome) -> Usage {
    let [prompt, cached, output, reasoning] = used(&outcome.usage);
    Usage {
        prompt_tokens: prompt,
        completion_tokens: output,
        total_tokens: prompt + output,
        prompt_tokens_details: PromptDetails { cached_tokens: cached },
        completion_tokens_details: CompletionDetails { reasoning_tokens: reasoning },
    }
}

/// A reply as it is made.
struct Streaming {
    turn: Option<Turn>,
    id: String,
    model: String,
    created: i64,
    usage: bool,
    ready: VecDeque<Bytes>,
}

impl Streaming {
    fn chunk(&self, delta: ChunkDelta<'_>, finish_reason: Option<&'static str>) -> Bytes {
        self.whole(vec![ChunkChoice { index: 0, delta, finish_reason }], None)
    }

    fn whole(&self, choices: Vec<ChunkChoice<'_>>, usage: Option<Usage>) -> Bytes {
        let (id, model, created) = (self.id.as_str(), self.model.as_str(), self.created);
        sse::event(None, &Chunk { id, object: "chat.completion.chunk", created, model, choices, usage })
    }

    fn end(&mut self, run: &Run) {
        if let Some(problem) = failure(run) {
            return self.fail(&problem);
        }
        let outcome = RunOutcome::of(run);
        let last = self.chunk(ChunkDelta::default(), Some(finish_reason(&outcome)));
        self.ready.push_back(last);
        if self.usage {
            let used = self.whole(Vec::new(), Some(usage(&outcome)));
            self.ready.push_back(used);
        }
        self.ready.push_back(Bytes::from_static(sse::DONE));
    }

    fn fail(&mut self, problem: &Problem) {
        self.ready.extend([sse::event(None, &problem.body()), Bytes::from_static(sse::DONE)]);
    }
}

fn streamed(turn: Turn, model: String, created: i64, usage: bool) -> impl futures_util::Stream<Item = Bytes> + Send {
    let id = turn.run_id.to_string();
    let mut streaming = Streaming { turn: Some(turn), id, model, created, usage, ready: VecDeque::new() };
    let first = streaming.chunk(ChunkDelta { role: Some("assistant"), content: None }, None);
    streaming.ready.push_back(first);
    stream::unfold(streaming, |mut streaming| async move {
        loop {
            if let Some(bytes) = streaming.ready.pop_front() {
                return Some((bytes, streaming));
            }
            match streaming.turn.as_mut()?.next().await {
                Piece::Text(text) => {
                    let bytes = streaming.chunk(ChunkDelta { role: None, content: Some(&text) }, None);
                    return Some((bytes, streaming));
                }
                Piece::Silence => return Some((Bytes::from_static(sse::KEEP_ALIVE), streaming)),
                Piece::End(run) => {
                    streaming.turn = None;
                    streaming.end(&run);
                }
                Piece::Lost(error) => {
                    streaming.turn = None;
                    streaming.fail(&Problem::from(error));
                }
            }
        }
    })
}

//! `POST /v1/responses`.

use std::{collections::VecDeque, sync::Arc};

use axum::{Json, body::Body, extract::State as Shared, response::IntoResponse};
use bytes::Bytes;
use futures_util::stream;
use http::{Request as HttpRequest, Response as HttpResponse};
use openclaw_core::record::Run;
use openclaw_protocol::{RunId, SessionKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Asked, Endpoint, Problem, Sorted, asked, failure,
    steering::{self, Refused},
    target::{self, Place},
    unsupported, used,
};
use crate::{
    agent_tokens, fault,
    http::{
        caller::Caller,
        rpc::trace,
        sse,
        turns::{self, Piece, Said, Turn, Wanted},
    },
    runs::{Limits, RunOutcome},
    state::State,
    turn::Attachment,
};

/// How the names of responses begin; such a name is the name of the run.
const PREFIX: &str = "resp_";

/// A request. Members that steer a single model are understood; the agent's own settings decide.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Request {
    /// The agent: `openclaw`, `openclaw/default` or `openclaw/<agentId>`.
    #[serde(default)]
    model: Option<String>,
    /// What is said: text, or items of which the last is the user's.
    input: Input,
    /// Added to the agent's system prompt.
    #[serde(default)]
    instructions: Option<String>,
    /// Whether the reply comes as it is made.
    #[serde(default)]
    stream: Option<bool>,
    /// Names a conversation that goes on: requests with the same one share a session.
    #[serde(default)]
    user: Option<String>,
    /// An earlier response of the same caller: this one goes on where that one ended.
    #[serde(default)]
    previous_response_id: Option<String>,
    /// Not supported.
    #[serde(default)]
    tools: Option<Vec<Value>>,
    /// Not supported.
    #[serde(default)]
    background: Option<bool>,
    /// The most tokens of the reply, without thinking; at most what the model can.
    #[serde(default)]
    max_output_tokens: Option<u64>,
    /// 0 to 2.
    #[serde(default)]
    temperature: Option<f64>,
    /// 0 to 1.
    #[serde(default)]
    top_p: Option<f64>,
    /// How much the model thinks.
    #[serde(default)]
    reasoning: Option<Reasoning>,
    /// Comes back with the response.
    #[serde(default)]
    metadata: Option<Map<String, Value>>,
    /// Only text.
    #[serde(default)]
    text: Option<TextForm>,
    /// Only `none` and `auto`.
    #[serde(default)]
    tool_choice: Option<Value>,
    /// Not supported.
    #[serde(default)]
    top_logprobs: Option<u64>,
}

/// How much the model thinks.
#[derive(Debug, Deserialize, JsonSchema)]
struct Reasoning {
    /// `none`, `minimal`, `low`, `medium`, `high` or `xhigh`.
    #[serde(default)]
    effort: Option<String>,
}

/// Form of the reply.
#[derive(Debug, Deserialize, JsonSchema)]
struct TextForm {
    #[serde(default)]
    format: Option<Format>,
}

/// Only `{"type":"text"}`.
#[derive(Debug, Deserialize, JsonSchema)]
struct Format {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Input {
    Text(String),
    Items(Vec<Item>),
}

/// An item of the input.
#[derive(Debug, Deserialize, JsonSchema)]
struct Item {
    /// `message` when absent.
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    content: Option<Content>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of an item.
#[derive(Debug, Deserialize, JsonSchema)]
struct Part {
    /// `input_text`, `output_text`, `text` or `input_image`.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    text: Option<String>,
    /// A `data:` address.
    #[serde(default)]
    image_url: Option<String>,
    #[serde(default)]
    source: Option<Source>,
}

/// A picture with its type.
#[derive(Debug, Deserialize, JsonSchema)]
struct Source {
    /// `base64`.
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    media_type: Option<String>,
    #[serde(default)]
    data: Option<String>,
}

/// A response.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    id: String,
    object: &'static str,
    created_at: i64,
    /// `in_progress`, `completed`, `incomplete` or `failed`.
    status: &'static str,
    model: String,
    output: Vec<Output>,
    usage: Option<Usage>,
    error: Option<Failure>,
    incomplete_details: Option<Incomplete>,
    instructions: Option<String>,
    previous_response_id: Option<String>,
    metadata: Map<String, Value>,
    parallel_tool_calls: bool,
    tool_choice: &'static str,
    tools: Vec<Value>,
    temperature: Option<f64>,
    top_p: Option<f64>,
}

/// What the agent said.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Output {
    #[serde(rename = "type")]
    kind: &'static str,
    id: String,
    role: &'static str,
    status: &'static str,
    content: Vec<OutputText>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct OutputText {
    #[serde(rename = "type")]
    kind: &'static str,
    text: String,
    annotations: Vec<Value>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Usage {
    input_tokens: u64,
    input_tokens_details: InputDetails,
    output_tokens: u64,
    output_tokens_details: OutputDetails,
    total_tokens: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct InputDetails {
    cached_tokens: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct OutputDetails {
    reasoning_tokens: u64,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Failure {
    code: String,
    message: String,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
struct Incomplete {
    reason: &'static str,
}

/// Answers a request.
pub(in crate::http) async fn respond(
    Shared(state): Shared<Arc<State>>,
    request: HttpRequest<Body>,
) -> HttpResponse<Body> {
    const ROUTE: &str = "POST /v1/responses";
    let Asked { caller, parts, request } = match asked::<Request>(&state, request, Endpoint::Responses, ROUTE).await {
        Ok(asked) => asked,
        Err(refusal) => return refusal,
    };
    let steered = steered(&request);
    let Request { model, input, instructions, stream, user, previous_response_id, tools, background, .. } = request;
    let (temperature, top_p, metadata) = (request.temperature, request.top_p, request.metadata.unwrap_or_default());
    let begun = async {
        unsupported("tools", tools.is_some_and(|tools| !tools.is_empty()))?;
        unsupported("background", background == Some(true))?;
        let (limits, thinking) = steered?;
        let agent = target::agent(&state, &caller, &parts.headers, model.as_deref())?;
        let run_id = target::run_id(&state, &caller, &parts.headers, PREFIX)?;
        let place = match &previous_response_id {
            Some(id) => Place::Lasting(session_of(&state, &caller, id).await?),
            None => target::session(&state, &agent, &parts.headers, user.as_deref(), &run_id)?,
        };
        let said = said(input)?;
        let (session, past) = match place {
            Place::Lasting(key) => (key, Vec::new()),
            Place::Own(key) => (key, said.past),
        };
        let steering: Vec<String> = instructions.clone().into_iter().chain(said.steering).collect();
        let wanted = Wanted {
            method: "responses",
            agent,
            session,
            text: said.text,
            attachments: said.images,
            past,
            system: (!steering.is_empty()).then(|| steering.join("\n\n")),
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
    let reply = Reply {
        id: turn.run_id.to_string(),
        object: "response",
        created_at: state.clock.now_ms() / 1000,
        status: "in_progress",
        model: model.unwrap_or_else(|| "openclaw".to_owned()),
        output: Vec::new(),
        usage: None,
        error: None,
        incomplete_details: None,
        instructions,
        previous_response_id,
        metadata,
        parallel_tool_calls: false,
        tool_choice: "auto",
        tools: Vec::new(),
        temperature,
        top_p,
    };
    if stream.unwrap_or(false) {
        return sse::response(streamed(turn, reply));
    }
    let run = match turn.whole().await {
        Ok(run) => run,
        Err(error) => return Problem::from(error).into_response(),
    };
    match failure(&run) {
        Some(problem) => problem.into_response(),
        None => Json(reply.ended(&run)).into_response(),
    }
}

/// What is asked of the reply, and how much the model thinks about it.
fn steered(request: &Request) -> Result<(Limits, Option<String>), Problem> {
    let Request { text, tool_choice, top_logprobs, reasoning, .. } = request;
    let format = text.as_ref().and_then(|text| text.format.as_ref());
    unsupported("text.format", format.is_some_and(|format| format.kind != "text"))?;
    let refused = Refused { tool_choice: tool_choice.as_ref(), top_logprobs: *top_logprobs, ..Refused::default() };
    refused.check()?;
    let max_tokens = steering::tokens("max_output_tokens", request.max_output_tokens)?;
    let limits = steering::limits(max_tokens, request.temperature, request.top_p)?;
    let effort = reasoning.as_ref().and_then(|reasoning| reasoning.effort.as_deref());
    Ok((limits, steering::effort("reasoning.effort", effort)?))
}

/// The session of an earlier response. Somebody else's looks as if it were not there.
async fn session_of(state: &State, caller: &Caller, id: &str) -> Result<SessionKey, Problem> {
    let missing = || Problem::invalid(Some("previous_response_id"), "there is no such response of this caller");
    let run_id = Some(id).filter(|id| id.starts_with(PREFIX)).and_then(|id| RunId::new(id).ok()).ok_or_else(missing)?;
    let read = state.store.read(move |reader| reader.get_run(&run_id)).await;
    let run = read.map_err(|error| Problem::from(fault::store(&error)))?;
    let run = run.filter(|run| run.principal == caller.principal.audit_name()).ok_or_else(missing)?;
    agent_tokens::only_own_session(state, &caller.principal, &run.session_key)?;
    Ok(run.session_key)
}

fn said(input: Input) -> Result<Sorted, Problem> {
    let items = match input {
        Input::Text(text) => return Ok(Sorted { steering: Vec::new(), past: Vec::new(), text, images: Vec::new() }),
        Input::Items(items) => items,
    };
    let mut steering = Vec::new();
    let mut turns: Vec<(Said, String, Vec<Attachment>)> = Vec::new();
    for (at, item) in items.into_iter().enumerate() {
        let wrong = |what: &str| Problem::invalid(Some("input"), format!("input[{at}]: {what}"));
        match item.kind.as_deref().unwrap_or("message") {
            "message" => {}
            // What a model thought, and names of what it said, add nothing to a conversation that is kept here.
            "reasoning" | "item_reference" => continue,
            "function_call" | "function_call_output" => {
                return Err(wrong("calls of tools are not supported by this gateway; leave them out"));
            }
            _ => return Err(wrong("type is none of message, reasoning and item_reference")),
        }
        let (text, images) = text_of(at, item.content)?;
        match item.role.as_deref() {
            Some("system" | "developer") => steering.push(text),
            Some("user") => turns.push((Said::User, text, images)),
            Some("assistant") => turns.push((Said::Assistant, text, Vec::new())),
            _ => return Err(wrong("role is none of system, developer, user and assistant")),
        }
    }
    if !turns.iter().any(|(said, ..)| *said == Said::User) {
        return Err(Problem::invalid(Some("input"), "Missing user message in `input`."));
    }
    let Some((Said::User, text, images)) = turns.pop() else {
        return Err(Problem::invalid(Some("input"), "the last message must be the user's"));
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
        let wrong = |what: &str| Problem::invalid(Some("input"), format!("input[{at}].content[{part_at}]: {what}"));
        match part.kind.as_str() {
            "input_text" | "output_text" | "text" => texts.push(part.text.ok_or_else(|| wrong("text is missing"))?),
            "input_image" => {
                let url = part.image_url.or_else(|| part.source.and_then(Source::url));
                let url = url.ok_or_else(|| wrong("image_url or a source of type base64 is missing"))?;
                images.push(Attachment::image(url).map_err(wrong)?);
            }
            _ => return Err(wrong("only parts of type input_text and input_image can be sent")),
        }
    }
    Ok((texts.join("\n"), images))
}

impl Source {
    fn url(self) -> Option<String> {
        (self.kind == "base64").then_some(())?;
        Some(format!("data:{};base64,{}", self.media_type?, self.data?))
    }
}

impl Reply {
    fn item_id(&self) -> String {
        format!("msg_{}", self.id.trim_start_matches(PREFIX))
    }

    fn item(&self, text: Option<&str>, status: &'static str) -> Output {
        let content =
            text.map(|text| OutputText { kind: "output_text", text: text.to_owned(), annotations: Vec::new() });
        Output {
            kind: "message",
            id: self.item_id(),
            role: "assistant",
            status,
            content: content.into_iter().collect(),
        }
    }

    fn ended(mut self, run: &Run) -> Self {
        let outcome = RunOutcome::of(run);
        if outcome.stop_reason.as_deref() == Some("length") {
            self.status = "incomplete";
            self.incomplete_details = Some(Incomplete { reason: "max_output_tokens" });
        } else {
            self.status = "completed";
        }
        self.output = vec![self.item(Some(&outcome.text), self.status)];
        let [input, cached, output, reasoning] = used(&outcome.usage);
        self.usage = Some(Usage {
            input_tokens: input,
            input_tokens_details: InputDetails { cached_tokens: cached },
            output_tokens: output,
            output_tokens_details: OutputDetails { reasoning_tokens: reasoning },
            total_tokens: input + output,
        });
        self
    }

    fn failed(mut self, problem: &Problem) -> Self {
        self.status = "failed";
        self.error = Some(Failure { code: "server_error".to_owned(), message: problem.message.clone() });
        self
    }
}

/// An event of a stream.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct StreamEvent<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    sequence_number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a Reply>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Output>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<OutputText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// A response as it is made.
struct Streaming {
    turn: Option<Turn>,
    reply: Reply,
    text: String,
    number: u64,
    ready: VecDeque<Bytes>,
}

impl Streaming {
    fn say(&mut self, event: StreamEvent<'_>) {
        let bytes = sse::event(Some(event.kind), &StreamEvent { sequence_number: self.number, ..event });
        self.number += 1;
        self.ready.push_back(bytes);
    }

    /// An event about the response as a whole.
    fn say_whole(&mut self, kind: &'static str, reply: &Reply) {
        self.say(StreamEvent { kind, response: Some(reply), ..StreamEvent::default() });
    }

    /// An event about the one item of the response.
    fn in_item(&self, kind: &'static str) -> StreamEvent<'static> {
        let item_id = Some(self.reply.item_id());
        StreamEvent { kind, output_index: Some(0), content_index: Some(0), item_id, ..StreamEvent::default() }
    }

    fn part(text: &str) -> Option<OutputText> {
        Some(OutputText { kind: "output_text", text: text.to_owned(), annotations: Vec::new() })
    }

    fn begin(&mut self) {
        let reply = self.reply.clone();
        self.say_whole("response.created", &reply);
        self.say_whole("response.in_progress", &reply);
        let item = Some(reply.item(None, "in_progress"));
        self.say(StreamEvent {
            kind: "response.output_item.added",
            output_index: Some(0),
            item,
            ..StreamEvent::default()
        });
        self.say(StreamEvent { part: Self::part(""), ..self.in_item("response.content_part.added") });
    }

    fn more(&mut self, text: &str) {
        self.text.push_str(text);
        self.say(StreamEvent { delta: Some(text), ..self.in_item("response.output_text.delta") });
    }

    fn end(&mut self, run: &Run) {
        if let Some(problem) = failure(run) {
            return self.fail(&problem);
        }
        let (reply, text) = (self.reply.clone().ended(run), std::mem::take(&mut self.text));
        self.say(StreamEvent { text: Some(&text), ..self.in_item("response.output_text.done") });
        self.say(StreamEvent { part: Self::part(&text), ..self.in_item("response.content_part.done") });
        let item = reply.output.first().cloned();
        self.say(StreamEvent {
            kind: "response.output_item.done",
            output_index: Some(0),
            item,
            ..StreamEvent::default()
        });
        let kind = if reply.status == "incomplete" { "response.incomplete" } else { "response.completed" };
        self.say_whole(kind, &reply);
        self.ready.push_back(Bytes::from_static(sse::DONE));
    }

    fn fail(&mut self, problem: &Problem) {
        let reply = self.reply.clone().failed(problem);
        self.say_whole("response.failed", &reply);
        self.ready.push_back(Bytes::from_static(sse::DONE));
    }
}

fn streamed(turn: Turn, reply: Reply) -> impl futures_util::Stream<Item = Bytes> + Send {
    let mut streaming = Streaming { turn: Some(turn), reply, text: String::new(), number: 0, ready: VecDeque::new() };
    streaming.begin();
    stream::unfold(streaming, |mut streaming| async move {
        loop {
            if let Some(bytes) = streaming.ready.pop_front() {
                return Some((bytes, streaming));
            }
            match streaming.turn.as_mut()?.next().await {
                Piece::Text(text) => streaming.more(&text),
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

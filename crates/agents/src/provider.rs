//! What every model provider is to the rest of the gateway: one trait, one request, one stream of increments.
//! Nothing of a vendor's wire leaks through these types.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::stream::BoxStream;
use serde::Serialize;
use serde_json::Value;

use crate::Error;

/// A reply as it arrives. It ends with [`Delta::Done`] or with one error, and with nothing after either.
pub type DeltaStream = BoxStream<'static, Result<Delta, Error>>;

/// Somebody who answers requests with a stream of increments.
///
/// Implementations spawn nothing: dropping the returned future or stream closes the connection at once.
/// Poll the stream to its end (`None`) after [`Delta::Done`], so that the connection can be used again.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The provider's id in the configuration, as in `provider/model`.
    fn name(&self) -> &str;

    /// Sends the request and returns once the answer's headers are here.
    ///
    /// # Errors
    /// Everything that can be known before the first increment: see [`Error`].
    async fn stream(&self, request: Request) -> Result<DeltaStream, Error>;
}

/// One turn's question to a model.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The model's id as the provider spells it, without the provider's own id.
    pub model: String,
    /// The conversation, oldest first. Neighbours of one role are merged where a wire demands alternation.
    pub messages: Vec<Message>,
    /// What the model may call.
    pub tools: Vec<Tool>,
    /// The most tokens that the answer may have, without thinking.
    pub max_tokens: u32,
    /// How many tokens the model may think; `None` leaves the model's own default. Wires that only know efforts get
    /// the nearest one.
    pub thinking_budget: Option<u32>,
    /// How the model chooses its words.
    pub sampling: Sampling,
    /// The W3C `traceparent` to send along, for who follows a request through several systems.
    pub traceparent: Option<String>,
    /// Merged into the body last, objects key by key, so that an operator can set what we do not know.
    pub extra: Option<Value>,
}

/// How a model chooses its words, as far as somebody says. A wire that has no word for one of these leaves it out.
/// Named as chat completions name them, which others imitate.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sampling {
    /// 0 to 2; vendors that know less take their highest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The share of likely words to choose from, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// Texts at which the answer ends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// The same seed makes the same answer likelier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// Against words that came often, -2 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_penalty: Option<f64>,
    /// Against words that came at all, -2 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub presence_penalty: Option<f64>,
}

impl Request {
    /// The most tokens that the answer may have for vendors that count thinking into it.
    pub(crate) fn limit(&self) -> u32 {
        self.max_tokens.saturating_add(self.thinking_budget.unwrap_or(0))
    }
}

/// What one side said.
#[derive(Debug, Clone)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// In which pieces.
    pub parts: Vec<Part>,
}

impl Message {
    /// A message of one text.
    #[must_use]
    pub fn text(role: Role, text: impl Into<String>) -> Self {
        Self { role, parts: vec![Part::Text(text.into())] }
    }
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The operator's instructions.
    System,
    /// The person, and the results of tools.
    User,
    /// The model.
    Assistant,
}

/// A piece of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// Plain text.
    Text(String),
    /// A picture; [`Part::image`] encodes one.
    Image {
        /// Its media type, for example `image/png`.
        mime: String,
        /// Its content as base64 text.
        base64: Bytes,
    },
    /// What the model thought. It is replayed only where the wire wants it and the signature is that wire's own.
    Thinking {
        /// The thought, empty when the provider hides it.
        text: String,
        /// The text of the [`Delta::ThinkingSignature`] that closed it.
        signature: Option<String>,
    },
    /// The model asks for a tool.
    ToolCall {
        /// Names the call within the conversation.
        id: String,
        /// The tool's name.
        name: String,
        /// Its arguments, an object.
        args: Value,
    },
    /// What the tool answered; it belongs into a [`Role::User`] message directly after the call.
    ToolResult {
        /// The call's id.
        id: String,
        /// The answer's text.
        content: String,
        /// Whether the tool failed; wires without such a flag get the text alone.
        is_error: bool,
    },
}

impl Part {
    /// A picture from its bytes.
    #[must_use]
    pub fn image(mime: impl Into<String>, bytes: &[u8]) -> Self {
        Self::Image { mime: mime.into(), base64: STANDARD.encode(bytes).into() }
    }
}

/// A tool the model may call.
#[derive(Debug, Clone)]
pub struct Tool {
    /// Its name: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does and when to use it.
    pub description: String,
    /// The JSON schema of its arguments, an object schema.
    pub schema: Value,
}

/// Tokens used by one answer. The counts do not overlap, except that `output` includes `reasoning`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read afresh, without both cache counts.
    pub input: u64,
    /// Tokens written, thinking included.
    pub output: u64,
    /// Tokens read from the provider's cache.
    pub cache_read: u64,
    /// Tokens written to the provider's cache.
    pub cache_write: u64,
    /// How many of `output` were thinking, where the provider tells.
    pub reasoning: u64,
}

impl std::ops::Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            input: self.input.saturating_add(other.input),
            output: self.output.saturating_add(other.output),
            cache_read: self.cache_read.saturating_add(other.cache_read),
            cache_write: self.cache_write.saturating_add(other.cache_write),
            reasoning: self.reasoning.saturating_add(other.reasoning),
        }
    }
}

impl Usage {
    /// All tokens of the exchange.
    #[must_use]
    pub fn total(&self) -> u64 {
        [self.input, self.output, self.cache_read, self.cache_write].into_iter().fold(0, u64::saturating_add)
    }
}

/// Why the model stopped.
#[expect(clippy::enum_variant_names, reason = "a stop sequence is what every vendor calls it")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// It said what it had to say.
    EndTurn,
    /// It ran into `max_tokens`.
    MaxTokens,
    /// It waits for the results of its tool calls. Also derived where a wire reports a plain end after calls.
    ToolUse,
    /// A configured stop sequence came.
    StopSequence,
    /// The model or the provider's filter refused.
    Refusal,
    /// Another reason, in the provider's own word.
    Other(String),
}

/// A true increment of an answer; `index` names the tool call, so that parallel calls can interleave.
#[derive(Debug, Clone, PartialEq)]
pub enum Delta {
    /// The answer's headers arrived. Always first.
    Started {
        /// The provider's name for this request, for support.
        request_id: Option<String>,
    },
    /// More of the answer.
    Text(String),
    /// More of the thought.
    Thinking(String),
    /// Closes the thought before it. Opaque, tagged with the wire that made it, to be stored and replayed as it is.
    ThinkingSignature(String),
    /// A tool call begins.
    ToolStart {
        /// Counts the calls of this answer from 0.
        index: u32,
        /// The call's id; made up from the answer's own id where a wire has none.
        id: String,
        /// The tool's name.
        name: String,
    },
    /// More of a call's arguments.
    ToolArgs {
        /// Which call.
        index: u32,
        /// A fragment of JSON text. No fragment at all means an empty object.
        json: String,
    },
    /// A call's arguments are complete.
    ToolEnd {
        /// Which call.
        index: u32,
    },
    /// The provider is alive and has nothing to say.
    KeepAlive,
    /// Tokens used so far. The last one wins; it may come early, so that a cancelled answer is counted too.
    Usage(Usage),
    /// The answer is complete. Exactly once, last.
    Done(Stop),
}

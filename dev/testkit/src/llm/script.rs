//! What the fake says, how fast, and what goes wrong.

use std::time::Duration;

/// One of the wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// `POST /v1/messages`, server-sent events.
    AnthropicMessages,
    /// `POST /v1/chat/completions`, server-sent events.
    OpenAiCompletions,
    /// `POST /v1/responses`, server-sent events.
    OpenAiResponses,
    /// `POST /v1beta/models/<model>:streamGenerateContent`, server-sent events.
    GoogleGenerativeAi,
    /// `POST /api/chat`, one JSON value per line.
    Ollama,
}

impl Wire {
    /// Every wire.
    pub const ALL: [Self; 5] = [
        Self::AnthropicMessages,
        Self::OpenAiCompletions,
        Self::OpenAiResponses,
        Self::GoogleGenerativeAi,
        Self::Ollama,
    ];

    /// The wire that is served at this path.
    pub(super) fn at(path: &str) -> Option<Self> {
        match path {
            "/v1/messages" => Some(Self::AnthropicMessages),
            "/v1/chat/completions" => Some(Self::OpenAiCompletions),
            "/v1/responses" => Some(Self::OpenAiResponses),
            "/api/chat" => Some(Self::Ollama),
            _ if path.starts_with("/v1beta/models/") && path.ends_with(":streamGenerateContent") => {
                Some(Self::GoogleGenerativeAi)
            }
            _ => None,
        }
    }

    /// What follows host and port in the base address.
    pub(super) fn base_path(self) -> &'static str {
        match self {
            Self::AnthropicMessages | Self::Ollama => "",
            Self::OpenAiCompletions | Self::OpenAiResponses => "/v1",
            Self::GoogleGenerativeAi => "/v1beta",
        }
    }
}

/// One piece of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Say {
    /// Text.
    Text(String),
    /// A thought.
    Thinking(String),
    /// The signature of the thought before it; wires without signatures leave it out.
    Signature(String),
    /// A tool call begins.
    Call {
        /// The call's id; empty for none, as some servers do.
        id: String,
        /// The tool's name.
        name: String,
    },
    /// More arguments for one of the calls so far. Wires that send calls whole join the fragments.
    Arguments {
        /// Which call, counted from 0.
        call: usize,
        /// A fragment of JSON text.
        json: String,
    },
}

/// Tokens of the answer, none counted twice; wires that report them otherwise convert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Read afresh.
    pub input: u64,
    /// Written, thinking included.
    pub output: u64,
    /// Read from the cache.
    pub cache_read: u64,
    /// Written to the cache.
    pub cache_write: u64,
    /// How many of `output` were thinking.
    pub reasoning: u64,
}

/// Why the answer ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stop {
    /// Nothing more to say; with calls, the wire's word for calls.
    #[default]
    End,
    /// The limit was reached.
    MaxTokens,
    /// The vendor refuses.
    Refusal,
}

/// How fast the fake speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pace {
    /// Waits before each event.
    pub delay: Duration,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// CR LF.
    CrLf,
    /// CR LF with the two in different chunks.
    SplitCrLf,
    /// CR alone.
    Cr,
}

/// How a refusal asks to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// `retry-after` in seconds.
    Seconds(u64),
    /// `retry-after-ms`.
    Millis(u64),
    /// `retry-after` as the date that is so many seconds after the answer's own.
    DateIn(u64),
}

/// What goes wrong, or merely unusually. Faults of the stream strike in its middle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Every byte is a chunk.
    BytePerChunk,
    /// The whole body is one chunk.
    OneChunk,
    /// Lines end otherwise.
    Lines(LineEnd),
    /// The body begins with a byte-order mark.
    ByteOrderMark,
    /// Comments, blank events, `id` and `retry` fields, and no space after colons.
    Comments,
    /// Each event's JSON is spread over several data lines.
    MultiLineData,
    /// Events, blocks and fields that nobody knows.
    Unknown,
    /// The wire's own error shape with this status.
    Status(u16, Option<RetryAfter>),
    /// A web page with this status; with 3xx it leads to `/elsewhere`.
    Html(u16),
    /// 200 with an error as plain JSON, no stream.
    PlainError,
    /// 200 with a whole answer as plain JSON, no stream.
    PlainAnswer,
    /// 401 whose message quotes the key and the address that came with the request.
    EchoKey,
    /// An event that is no JSON.
    InvalidJson,
    /// An error in the wire's shape within the stream, after which the body ends in good order.
    ErrorEvent,
    /// The connection breaks.
    Cut,
    /// The body ends in good order, but too early.
    CleanEof,
    /// The last event, which says that the answer is over, never comes, nor does the body's end.
    StallBeforeEnd,
    /// Not even headers.
    StallBeforeHeaders,
    /// Headers, but no byte of the body.
    StallBeforeFirstByte,
    /// Nothing more from the middle on.
    StallMidStream,
    /// From the middle on, only signs of life at this interval, for ever.
    KeepAlives(Duration),
    /// Chat completions only: the body ends without `[DONE]`.
    NoSentinel,
    /// The body's end comes only this long after the last event.
    LateEnd(Duration),
}

/// One answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What is said.
    pub deltas: Vec<Say>,
    /// The tokens reported.
    pub usage: Usage,
    /// Why it ends.
    pub stop: Stop,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How fast.
    pub pace: Pace,
}

impl Script {
    /// A plain text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { deltas: vec![Say::Text(text.into())], ..Self::default() }
    }

    /// One tool call with its arguments in two fragments.
    #[must_use]
    pub fn call(id: &str, name: &str, arguments: &str) -> Self {
        let middle = (0..=arguments.len() / 2).rev().find(|at| arguments.is_char_boundary(*at)).unwrap_or(0);
        let (head, tail) = arguments.split_at(middle);
        let deltas = vec![
            Say::Call { id: id.into(), name: name.into() },
            Say::Arguments { call: 0, json: head.into() },
            Say::Arguments { call: 0, json: tail.into() },
        ];
        Self { deltas, ..Self::default() }
    }

    /// The same answer with one more fault.
    #[must_use]
    pub fn with(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(super) fn has(&self, fault: &Fault) -> bool {
        self.faults.contains(fault)
    }
}

/// How the fake answers when it has no script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// How many tokens an echo has; 8 unless told otherwise.
    pub reply_tokens: usize,
    /// Waits before each token; nothing unless told otherwise.
    pub token_delay: Duration,
    /// Whether requests are kept; the load tool turns it off.
    pub record: Record,
}

impl Default for Settings {
    fn default() -> Self {
        Self { reply_tokens: 8, token_delay: Duration::ZERO, record: Record::Latest }
    }
}

/// Whether requests are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    /// The latest [`super::MAX_RECORDED`].
    Latest,
    /// None, only their number.
    Nothing,
}

//! One request and the increments of its answer.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{
    FutureExt, StreamExt,
    stream::{self, BoxStream},
};
use reqwest::{RequestBuilder, Response};
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::{
    endpoint::{Endpoint, causes},
    frames::{Frame, Frames, Framing},
    status, wait,
};
use crate::{
    Delta, Error, Phase,
    provider::{DeltaStream, Stop},
};

/// The most bytes of text and thinking that one answer may have: 16 MiB.
pub const MAX_TEXT: usize = 16 * 1024 * 1024;
/// The most bytes of tool arguments that one answer may have, all calls together: 16 MiB.
pub const MAX_TOOL_ARGUMENTS: usize = 16 * 1024 * 1024;
/// The most tool calls that one answer may have.
pub const MAX_TOOL_CALLS: u32 = 512;

/// How long the end of the body is waited for after the answer's end, so that the connection can be used again.
const DRAIN: Duration = Duration::from_millis(20);
/// The most bytes of a refusal that are read.
const MAX_REFUSAL: usize = 64 * 1024;
/// How long the body of a refusal is waited for.
const REFUSAL_WAIT: Duration = Duration::from_secs(5);

/// One wire's reading of its frames: a state machine without input or output.
pub(crate) trait Decode: Send + 'static {
    /// One JSON frame.
    fn event(&mut self, event: &Value, out: &mut Vec<Delta>) -> Result<(), Error>;

    /// The literal frame `[DONE]`.
    fn sentinel(&mut self, _out: &mut Vec<Delta>) -> Result<(), Error> {
        Ok(())
    }

    /// The body ended in good order before [`Delta::Done`].
    fn end(&mut self, _out: &mut Vec<Delta>) -> Result<(), Error> {
        Err(Error::Cut { cause: None })
    }
}

/// Sends the request and gives the answer's increments as a stream.
pub(crate) async fn open(
    request: RequestBuilder,
    endpoint: &Endpoint,
    framing: Framing,
    decoder: Box<dyn Decode>,
) -> Result<DeltaStream, Error> {
    let exchange = send(request, endpoint, framing, decoder).await.map_err(|error| endpoint.scrub(error))?;
    Ok(stream::unfold(Box::new(exchange), |mut exchange| async {
        exchange.next().await.map(|delta| (delta, exchange))
    })
    .boxed())
}

async fn send(
    request: RequestBuilder,
    endpoint: &Endpoint,
    framing: Framing,
    decoder: Box<dyn Decode>,
) -> Result<Exchange, Error> {
    let response = timeout(endpoint.timeouts.headers, request.send())
        .await
        .map_err(|_| Error::Timeout { phase: Phase::Headers })?
        .map_err(|error| unsent(error, endpoint))?;
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    if !response.status().is_success() {
        let status = response.status().as_u16();
        let wait = wait::asked_for(status, response.headers(), endpoint.limits);
        return Err(status::refused(status, wait, &refusal(response).await));
    }
    if header("content-type").is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html")) {
        return Err(Error::Protocol {
            what: "a web page (text/html) instead of an answer; check the base URL, or whether a proxy asks to log in"
                .into(),
        });
    }
    let request_id = header("request-id").or(header("x-request-id")).map(str::to_owned);
    let body = response.bytes_stream().boxed();
    Ok(Exchange::new(body, request_id, framing, decoder, endpoint.clone()))
}

fn unsent(error: reqwest::Error, endpoint: &Endpoint) -> Error {
    let error = error.without_url();
    match (error.is_connect(), error.is_timeout()) {
        (true, true) => Error::Timeout { phase: Phase::Connect },
        (true, false) => Error::Connect { host: endpoint.host(), cause: causes(&error) },
        _ => Error::Cut { cause: Some(causes(&error)) },
    }
}

/// The beginning of a refusal's body, which is read to its end so that the connection can be used again.
async fn refusal(response: Response) -> BytesMut {
    let mut read = BytesMut::new();
    let mut body = response.bytes_stream();
    let reading = async {
        while let Some(Ok(chunk)) = body.next().await {
            read.extend_from_slice(&chunk);
            if read.len() > MAX_REFUSAL {
                break;
            }
        }
    };
    // A refusal whose body hangs is still a refusal.
    let _ = timeout(REFUSAL_WAIT, reading).await;
    read
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// No byte of the body yet.
    Headers,
    /// In the body.
    Body,
    /// `Done` was decoded.
    Done,
}

struct Exchange {
    body: Option<BoxStream<'static, reqwest::Result<Bytes>>>,
    frames: Frames,
    decoder: Box<dyn Decode>,
    ready: std::vec::IntoIter<Delta>,
    failed: Option<Error>,
    state: State,
    progress_by: Instant,
    progressed: bool,
    text: usize,
    arguments: usize,
    endpoint: Endpoint,
}

impl Exchange {
    fn new(
        body: BoxStream<'static, reqwest::Result<Bytes>>,
        request_id: Option<String>,
        framing: Framing,
        decoder: Box<dyn Decode>,
        endpoint: Endpoint,
    ) -> Self {
        Self {
            body: Some(body),
            frames: Frames::new(framing, endpoint.max_frame),
            decoder,
            ready: vec![Delta::Started { request_id }].into_iter(),
            failed: None,
            state: State::Headers,
            progress_by: Instant::now() + endpoint.timeouts.progress,
            progressed: true,
            text: 0,
            arguments: 0,
            endpoint,
        }
    }

    async fn next(&mut self) -> Option<Result<Delta, Error>> {
        if self.progressed {
            // Counted from here, so that a slow reader is not taken for a slow provider.
            self.progressed = false;
            self.progress_by = Instant::now() + self.endpoint.timeouts.progress;
        }
        loop {
            if let Some(delta) = self.ready.next() {
                self.progressed = delta != Delta::KeepAlive;
                if matches!(delta, Delta::Done(_)) {
                    self.drain_at_once();
                }
                return Some(Ok(delta));
            }
            if let Some(error) = self.failed.take() {
                self.body = None;
                return Some(Err(self.endpoint.scrub(error)));
            }
            if self.state == State::Done {
                self.drain().await;
                return None;
            }
            self.body.as_ref()?;
            let mut out = Vec::new();
            // What was decoded before the error is still delivered before it.
            self.failed = match self.advance(&mut out).await {
                Ok(()) => self.admit(&mut out).err(),
                Err(error) => self.admit(&mut out).err().or(Some(error)),
            };
            self.ready = out.into_iter();
        }
    }

    /// Decodes the next frame, or waits for more bytes.
    async fn advance(&mut self, out: &mut Vec<Delta>) -> Result<(), Error> {
        if let Some(frame) = self.frames.next_frame()? {
            return self.frame(&frame, out);
        }
        let timeouts = self.endpoint.timeouts;
        let (wait, phase) = if self.state == State::Headers {
            (timeouts.first_byte, Phase::FirstByte)
        } else {
            (timeouts.idle, Phase::Idle)
        };
        let left = self.progress_by.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Error::Timeout { phase: Phase::Progress });
        }
        let (wait, phase) = if left < wait { (left, Phase::Progress) } else { (wait, phase) };
        let Some(body) = &mut self.body else { return Ok(()) };
        match timeout(wait, body.next()).await {
            Err(_) => Err(Error::Timeout { phase }),
            Ok(Some(Ok(chunk))) => {
                if !chunk.is_empty() {
                    self.state = State::Body;
                }
                self.frames.push(&chunk);
                Ok(())
            }
            Ok(Some(Err(error))) => Err(Error::Cut { cause: Some(causes(&error.without_url())) }),
            Ok(None) => {
                self.body = None;
                if let Some(frame) = self.frames.end() {
                    // Bytes without their line's end are most likely a cut frame.
                    self.frame(&frame, out).map_err(|error| match error {
                        Error::Protocol { .. } => Error::Cut { cause: None },
                        error => error,
                    })?;
                }
                if out.iter().any(|delta| matches!(delta, Delta::Done(_))) {
                    return Ok(());
                }
                if let Some(stray) = self.frames.stray() {
                    return Err(plain(stray));
                }
                self.decoder.end(out)
            }
        }
    }

    fn frame(&mut self, frame: &Frame, out: &mut Vec<Delta>) -> Result<(), Error> {
        let data = match frame {
            Frame::Comment => {
                out.push(Delta::KeepAlive);
                return Ok(());
            }
            Frame::Data(data) => data.trim_ascii(),
        };
        match data {
            b"" => Ok(()),
            b"[DONE]" => self.decoder.sentinel(out),
            json => {
                let event: Value = serde_json::from_slice(json)
                    .map_err(|error| Error::Protocol { what: format!("an event is not JSON: {error}") })?;
                reported(&event)?;
                self.decoder.event(&event, out)
            }
        }
    }

    /// Counts the increments against the bounds; what comes after `Done` is dropped.
    fn admit(&mut self, out: &mut Vec<Delta>) -> Result<(), Error> {
        let over = |what: &str| Err(Error::Protocol { what: what.to_owned() });
        for at in 0..out.len() {
            let refused = match &out[at] {
                Delta::Text(text) | Delta::Thinking(text) | Delta::ThinkingSignature(text) => {
                    self.text += text.len();
                    (self.text > MAX_TEXT).then(|| over("more than 16 MiB of text in one answer"))
                }
                Delta::ToolArgs { json, .. } => {
                    self.arguments += json.len();
                    (self.arguments > MAX_TOOL_ARGUMENTS)
                        .then(|| over("more than 16 MiB of tool arguments in one answer"))
                }
                Delta::ToolStart { index, .. } => {
                    (*index >= MAX_TOOL_CALLS).then(|| over("more than 512 tool calls in one answer"))
                }
                Delta::Done(_) => {
                    self.state = State::Done;
                    out.truncate(at + 1);
                    return Ok(());
                }
                _ => None,
            };
            if let Some(error) = refused {
                out.truncate(at);
                return error;
            }
        }
        Ok(())
    }

    /// Takes the body's end if it is already here, for readers that stop at `Done`.
    fn drain_at_once(&mut self) {
        while let Some(body) = &mut self.body {
            match body.next().now_or_never() {
                Some(Some(Ok(_))) => {}
                Some(_) => self.body = None,
                None => break,
            }
        }
    }

    async fn drain(&mut self) {
        if let Some(mut body) = self.body.take() {
            let _ = timeout(DRAIN, async { while let Some(Ok(_)) = body.next().await {} }).await;
        }
    }
}

/// The error for a body that holds no event at all.
fn plain(body: &[u8]) -> Error {
    let json: Option<Value> = serde_json::from_slice(body).ok();
    match json.map(|json| reported(json.get(0).unwrap_or(&json))) {
        Some(Err(error)) => error,
        Some(Ok(())) => Error::Protocol {
            what: "a plain JSON answer instead of a stream; check the provider's api and whether it can stream".into(),
        },
        None => Error::Cut { cause: None },
    }
}

/// The error that an event reports in any wire's shape: nested, flat, or text alone.
fn reported(event: &Value) -> Result<(), Error> {
    let kind = event["type"].as_str().unwrap_or_default();
    let nested = if kind == "response.failed" { &event["response"]["error"] } else { &event["error"] };
    if nested.is_null() && kind != "error" && kind != "response.failed" {
        return Ok(());
    }
    let text = |value: &Value| match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let message = text(&nested["message"]).or(text(nested)).or(text(&event["message"]));
    let kind = text(&nested["type"])
        .or(text(&nested["status"]))
        .or(text(&nested["code"]))
        .or(text(&event["code"]))
        .unwrap_or_else(|| "error".into());
    Err(Error::InBand { kind, message: message.unwrap_or_else(|| "no reason given".into()) })
}

/// Turns a plain end into [`Stop::ToolUse`] when tools were called: two wires report it so.
pub(crate) fn stop_after(stop: Option<Stop>, calls: u32) -> Stop {
    match stop {
        Some(Stop::EndTurn) | None if calls > 0 => Stop::ToolUse,
        Some(stop) => stop,
        None => Stop::Other("unknown".into()),
    }
}

#[cfg(test)]
mod tests;

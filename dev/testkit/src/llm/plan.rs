//! From a script to the bytes of an answer.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    answer::{self, Event},
    fake::Recorded,
    script::{Fault, LineEnd, RetryAfter, Say, Script, Settings, Usage, Wire},
};

/// What a connection does, in order.
pub(super) enum Act {
    /// Sends one chunk of the body.
    Chunk(Bytes),
    /// Sends bytes as they are.
    Raw(Bytes),
    /// Waits.
    Wait(Duration),
    /// Does nothing any more.
    Stall,
    /// Closes in the middle of a chunk.
    Cut,
    /// Sends the same chunk for ever.
    Repeat(Bytes, Duration),
}

/// One answer: its head and what follows.
pub(super) struct Plan {
    pub(super) head: String,
    pub(super) acts: Vec<Act>,
}

const END: &[u8] = b"0\r\n\r\n";
/// The date of every answer, so that tests know it.
const DATE: &str = "Fri, 20 Nov 2026 10:00:00 GMT";

impl Plan {
    fn whole(status: u16, kind: &str, extra: &str, body: String) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Fake\r\ncontent-type: {kind}\r\ndate: {DATE}\r\n{extra}content-length: {}\r\n\r\n",
            body.len()
        );
        Self { head, acts: vec![Act::Raw(body.into())] }
    }

    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::whole(status, "application/json", "", body.to_string())
    }

    /// A refusal in the wire's own shape.
    pub(super) fn refuse(wire: Wire, status: u16, message: &str) -> Self {
        Self::json(status, &refusal(wire, status, message))
    }

    /// An answer of the settings' length that begins with the person's words.
    pub(super) fn echo(wire: Wire, settings: Settings, request: &Recorded) -> Self {
        let tokens = settings.reply_tokens.max(1);
        let said: String = answer::last_words(wire, &request.body).chars().take(40).collect();
        let mut deltas = vec![Say::Text(format!("echo: {said}"))];
        deltas.extend((1..tokens).map(|count| Say::Text(format!(" t{count}"))));
        let input = (said.len() as u64).div_ceil(4);
        let script = Script {
            deltas,
            usage: Usage { input, output: tokens as u64, ..Usage::default() },
            pace: super::Pace { delay: settings.token_delay },
            ..Script::default()
        };
        Self::script(wire, &script, request)
    }

    pub(super) fn script(wire: Wire, script: &Script, request: &Recorded) -> Self {
        for fault in &script.faults {
            match fault {
                Fault::StallBeforeHeaders => return Self { head: String::new(), acts: vec![Act::Stall] },
                Fault::Html(status) => {
                    let page = format!("<html><head><title>{status}</title></head><body>Bad Gateway</body></html>");
                    let elsewhere = if *status / 100 == 3 { "location: /elsewhere\r\n" } else { "" };
                    return Self::whole(*status, "text/html; charset=utf-8", elsewhere, page);
                }
                Fault::Status(status, retry) => {
                    let body = refusal(wire, *status, &format!("the fake refuses with {status}"));
                    return Self::whole(*status, "application/json", &wait(*retry), body.to_string());
                }
                Fault::PlainError => return Self::refuse(wire, 200, "no credit"),
                Fault::PlainAnswer => return Self::json(200, &json!({"id": "x", "choices": [], "content": []})),
                Fault::EchoKey => {
                    let keys: Vec<String> =
                        request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                    let what = format!("wrong key at {}: {}", request.target, keys.join(", "));
                    return Self::refuse(wire, 401, &what);
                }
                _ => {}
            }
        }
        let kind = if wire == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream" };
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ndate: {DATE}\r\nx-request-id: req_fake\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        Self { head, acts: acts(wire, script, answer::events(wire, script, &request.body)) }
    }
}

fn acts(wire: Wire, script: &Script, mut events: Vec<Event>) -> Vec<Act> {
    if script.has(&Fault::StallBeforeFirstByte) {
        return vec![Act::Stall];
    }
    if script.has(&Fault::Unknown) {
        events = answer::with_unknown(wire, events);
    }
    if script.has(&Fault::NoSentinel) {
        events.retain(|event| event.data != "[DONE]");
    }
    let mut last = None;
    for fault in &script.faults {
        let middle = events.len() / 2;
        match fault {
            Fault::InvalidJson => events[middle].data = "{\"broken\":".into(),
            Fault::ErrorEvent => {
                events.truncate(middle);
                events.push(answer::error(wire));
            }
            Fault::Cut | Fault::CleanEof | Fault::StallMidStream | Fault::KeepAlives(_) => {
                events.truncate(middle);
                last = Some(fault.clone());
            }
            Fault::StallBeforeEnd => {
                events.pop();
                last = Some(fault.clone());
            }
            _ => {}
        }
    }
    let mut acts = Vec::new();
    if script.has(&Fault::OneChunk) || script.has(&Fault::BytePerChunk) || !plain(script) {
        let mut text = String::new();
        if script.has(&Fault::ByteOrderMark) {
            text.push('\u{feff}');
        }
        text.extend(events.iter().map(|event| rendered(wire, script, event)));
        let (end, split) = match script.faults.iter().find(|fault| matches!(fault, Fault::Lines(_))) {
            Some(Fault::Lines(LineEnd::CrLf)) => ("\r\n", false),
            Some(Fault::Lines(LineEnd::SplitCrLf)) => ("\r\n", true),
            Some(Fault::Lines(LineEnd::Cr)) => ("\r", false),
            _ => ("\n", false),
        };
        let bytes = Bytes::from(text.replace('\n', end));
        if script.has(&Fault::BytePerChunk) {
            acts.extend((0..bytes.len()).map(|at| Act::Chunk(bytes.slice(at..=at))));
        } else if split {
            let mut from = 0;
            for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\r') {
                acts.push(Act::Chunk(bytes.slice(from..=at)));
                from = at + 1;
            }
            acts.push(Act::Chunk(bytes.slice(from..)));
        } else if script.has(&Fault::OneChunk) {
            acts.push(Act::Chunk(bytes));
        } else {
            let chunk = |at: usize| bytes.slice(at..bytes.len().min(at + 100));
            acts.extend((0..bytes.len()).step_by(100).map(|at| Act::Chunk(chunk(at))));
        }
    } else {
        for event in &events {
            if !script.pace.delay.is_zero() {
                acts.push(Act::Wait(script.pace.delay));
            }
            acts.push(Act::Chunk(rendered(wire, script, event).into()));
        }
    }
    acts.push(match last {
        Some(Fault::Cut) => Act::Cut,
        Some(Fault::StallMidStream | Fault::StallBeforeEnd) => Act::Stall,
        Some(Fault::KeepAlives(every)) => Act::Repeat(answer::sign_of_life(wire).into(), every),
        _ => Act::Raw(Bytes::from_static(END)),
    });
    for fault in &script.faults {
        if let Fault::LateEnd(delay) = fault {
            acts.insert(acts.len() - 1, Act::Wait(*delay));
        }
    }
    acts
}

/// Whether every event is a chunk of its own.
fn plain(script: &Script) -> bool {
    !script.faults.iter().any(|fault| matches!(fault, Fault::Lines(_) | Fault::ByteOrderMark))
}

fn rendered(wire: Wire, script: &Script, event: &Event) -> String {
    let comments = script.has(&Fault::Comments);
    if wire == Wire::Ollama {
        return if comments { format!("\n  \n{}\n", event.data) } else { format!("{}\n", event.data) };
    }
    let mut text = String::new();
    if comments {
        text.push_str(": keep-alive\n\n:\nid: 7\nretry: 100\nunknown\n");
    }
    let space = if comments { "" } else { " " };
    if let Some(name) = &event.name {
        text.push_str(&format!("event:{space}{name}\n"));
    }
    let pretty = || serde_json::from_str::<Value>(&event.data).and_then(|json| serde_json::to_string_pretty(&json));
    let data = match script.has(&Fault::MultiLineData) {
        true => pretty().unwrap_or_else(|_| event.data.clone()),
        false => event.data.clone(),
    };
    for line in data.split('\n') {
        text.push_str(&format!("data:{space}{line}\n"));
    }
    text.push('\n');
    text
}

fn wait(retry: Option<RetryAfter>) -> String {
    match retry {
        None => String::new(),
        Some(RetryAfter::Seconds(seconds)) => format!("retry-after: {seconds}\r\n"),
        Some(RetryAfter::Millis(ms)) => format!("retry-after-ms: {ms}\r\n"),
        Some(RetryAfter::DateIn(seconds)) => {
            // Within the hour after `DATE`.
            format!("retry-after: Fri, 20 Nov 2026 10:{:02}:{:02} GMT\r\n", seconds / 60 % 60, seconds % 60)
        }
    }
}

fn refusal(wire: Wire, status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    match wire {
        Wire::AnthropicMessages => json!({"type": "error", "error": {"type": kind, "message": message}}),
        Wire::OpenAiCompletions | Wire::OpenAiResponses => {
            json!({"error": {"message": message, "type": kind, "param": null, "code": null}})
        }
        Wire::GoogleGenerativeAi => {
            let status_word = kind.to_ascii_uppercase();
            json!({"error": {"code": status, "message": message, "status": status_word}})
        }
        Wire::Ollama => json!({"error": message}),
    }
}

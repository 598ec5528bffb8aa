//! Frames: `req` in, `res` and `event` out (PROTOCOL §1.1).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{TraceParent, WireError, detail, limits::REQUEST_ID_BYTES};

/// A request as it stands in the connection's buffer. Unknown members are ignored (SPEC-NOTES 8).
#[derive(Debug)]
pub struct Request<'a> {
    /// Chosen by the client; the answer carries it.
    pub id: Cow<'a, str>,
    /// Name of the method.
    pub method: Cow<'a, str>,
    /// Parameters, not yet looked at; absent and `null` mean `{}`.
    pub params: Option<&'a RawValue>,
    /// The trace it belongs to, when the client says so in valid form.
    pub traceparent: Option<TraceParent>,
}

#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    traceparent: Option<Cow<'a, str>>,
}

/// Why a frame is not a request.
#[derive(Debug)]
pub enum BadFrame {
    /// Not JSON at all.
    NotJson(String),
    /// JSON, but not a request; answer with this identifier.
    NotARequest {
        /// The frame's own id, or `invalid`.
        id: String,
        /// What is wrong with it.
        error: Box<WireError>,
    },
}

impl<'a> Request<'a> {
    /// Reads one frame.
    ///
    /// # Errors
    /// [`BadFrame`] tells whether an answer is possible.
    pub fn parse(text: &'a str) -> Result<Self, BadFrame> {
        // A list would be read member by member in the order of the declaration, which nobody means.
        if text.trim_ascii_start().starts_with('[') && serde_json::from_str::<&RawValue>(text).is_ok() {
            return Err(Self::bad("invalid".to_owned(), "must be an object".to_owned()));
        }
        match serde_json::from_str::<Shape<'a>>(text) {
            Ok(shape) if shape.kind != "req" => Err(Self::bad(
                shape.id.into_owned(),
                format!("at /type: must be \"req\", found \"{}\"", clip(&shape.kind)),
            )),
            Ok(shape) if shape.id.is_empty() || shape.id.len() > REQUEST_ID_BYTES => Err(Self::bad(
                "invalid".to_owned(),
                format!("at /id: must be a string of 1 to {REQUEST_ID_BYTES} bytes"),
            )),
            Ok(shape) if shape.method.is_empty() => {
                Err(Self::bad(shape.id.into_owned(), "at /method: must not be empty".to_owned()))
            }
            Ok(shape) => Ok(Self {
                id: shape.id,
                method: shape.method,
                params: shape.params.filter(|params| params.get() != "null"),
                traceparent: shape.traceparent.as_deref().and_then(TraceParent::parse),
            }),
            Err(error) if error.is_data() => {
                #[derive(Deserialize)]
                struct Id {
                    id: Option<serde_json::Value>,
                }
                let id = serde_json::from_str::<Id>(text)
                    .ok()
                    .and_then(|shape| shape.id)
                    .and_then(|id| id.as_str().map(str::to_owned))
                    .filter(|id| !id.is_empty() && id.len() <= REQUEST_ID_BYTES)
                    .unwrap_or_else(|| "invalid".to_owned());
                Err(Self::bad(id, error.to_string()))
            }
            Err(error) => Err(BadFrame::NotJson(error.to_string())),
        }
    }

    fn bad(id: String, what: impl std::fmt::Display) -> BadFrame {
        BadFrame::NotARequest {
            id,
            error: Box::new(WireError::invalid(detail::INVALID_FRAME, format!("invalid request frame: {what}"))),
        }
    }
}

fn clip(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(end, _)| &text[..end])
}

/// Whether a response repeats its payload as `result`, which only a spec 001 client gets (DESIGN §4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// `payload` alone.
    No,
    /// `payload` and `result`.
    Result,
}

/// Writes an ok response around an already serialised payload.
#[must_use]
pub fn ok(id: &str, payload: &[u8], mirror: Mirror) -> Vec<u8> {
    let copies = if mirror == Mirror::Result { 2 } else { 1 };
    let mut out = Vec::with_capacity(payload.len() * copies + id.len() + 64);
    out.extend_from_slice(br#"{"type":"res","id":"#);
    write_json(&mut out, &id);
    out.extend_from_slice(br#","ok":true"#);
    if !payload.is_empty() {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
        if mirror == Mirror::Result {
            out.extend_from_slice(br#","result":"#);
            out.extend_from_slice(payload);
        }
    }
    out.push(b'}');
    out
}

/// Writes an error response, with a payload beside the error where a method has one (`agent`).
#[must_use]
pub fn error(id: &str, error: &WireError, payload: Option<&[u8]>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(br#"{"type":"res","id":"#);
    write_json(&mut out, &id);
    out.extend_from_slice(br#","ok":false"#);
    if let Some(payload) = payload {
        out.extend_from_slice(br#","payload":"#);
        out.extend_from_slice(payload);
    }
    out.extend_from_slice(br#","error":"#);
    write_json(&mut out, error);
    out.push(b'}');
    out
}

/// Writes an event without its closing brace, so that each connection can add its own `seq`.
#[must_use]
pub fn event_open(name: &str, payload: &impl Serialize, state_version: Option<StateVersion>) -> Vec<u8> {
    let mut out = Vec::with_capacity(256);
    out.extend_from_slice(br#"{"type":"event","event":"#);
    write_json(&mut out, &name);
    out.extend_from_slice(br#","payload":"#);
    write_json(&mut out, payload);
    if let Some(version) = state_version {
        out.extend_from_slice(br#","stateVersion":"#);
        write_json(&mut out, &version);
    }
    out
}

/// Ends an event that [`event_open`] began. Only clients that asked for positions get one ([`crate::resume`]).
#[must_use]
pub fn event_tail(seq: Option<u64>, position: Option<u64>) -> Tail {
    let mut tail = Tail { bytes: [0; TAIL_BYTES], len: 0 };
    if let Some(seq) = seq {
        tail.push(br#","seq":"#);
        tail.number(seq);
    }
    if let Some(position) = position {
        tail.push(br#","position":"#);
        tail.number(position);
    }
    tail.push(b"}");
    tail
}

/// As [`event_tail`] with both numbers, for an event before which texts are owed that begin at these positions.
#[must_use]
pub fn event_tail_behind(seq: u64, position: u64, behind: &[u64]) -> Vec<u8> {
    let whole = event_tail(Some(seq), Some(position));
    let mut tail = whole.as_bytes()[..whole.len - 1].to_vec();
    tail.extend_from_slice(br#","behind":"#);
    write_json(&mut tail, &behind);
    tail.push(b'}');
    tail
}

/// `,"seq":` and `,"position":` with twenty digits each, and the brace.
const TAIL_BYTES: usize = 7 + 20 + 12 + 20 + 1;

/// The last bytes of an event frame.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    bytes: [u8; TAIL_BYTES],
    len: usize,
}

impl Tail {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = number;
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.push(&digits[at..]);
    }
}

/// Counters that tell a client which presence list and health figures an event belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct StateVersion {
    /// Grows with each change of the presence list.
    pub presence: u64,
    /// Grows with each change of health.
    pub health: u64,
}

/// Serialises into `out`. Our wire types have string keys and no failing serialiser, so this cannot fail.
pub fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    serde_json::to_writer(out, value).expect("wire types serialise");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_and_unknown_members_are_ignored() {
        let request =
            Request::parse(r#"{"type":"req","id":"1","method":"health","params":{"a":1},"expectFinal":true}"#).unwrap();
        assert_eq!((&*request.id, &*request.method, request.params.unwrap().get()), ("1", "health", r#"{"a":1}"#));
        assert!(Request::parse(r#"{"type":"req","id":"1","method":"ping","params":null}"#).unwrap().params.is_none());
        assert_eq!(Request::parse(r#"{"type":"req","id":"a\"b","method":"ping"}"#).unwrap().id, "a\"b");
    }

    #[test]
    fn bad_frames_say_what_is_wrong_and_keep_the_id() {
        for (text, id, what) in [
            (r#"{"type":"req","id":7,"method":"x"}"#, "invalid", "invalid type"),
            (r#"{"type":"req","id":"r1"}"#, "r1", "missing field `method`"),
            (r#"{"type":"event","id":"r1","method":"x"}"#, "r1", "must be \"req\""),
            (r#"{"type":"req","id":"","method":"x"}"#, "invalid", "at /id"),
            (r#"[1,2]"#, "invalid", "must be an object"),
            ("42", "invalid", "invalid type"),
        ] {
            let BadFrame::NotARequest { id: found, error } = Request::parse(text).unwrap_err() else {
                panic!("{text}")
            };
            assert_eq!(found, id, "{text}");
            assert!(
                error.message.starts_with("invalid request frame: ") && error.message.contains(what),
                "{text}: {error}"
            );
        }
        for text in ["", "nonsense", "{", r#"{"type":"req","id":"1","method":"x"} trailing"#] {
            assert!(matches!(Request::parse(text), Err(BadFrame::NotJson(_))), "{text}");
        }
    }

    #[test]
    fn a_hundred_thousand_brackets_neither_panic_nor_pass() {
        let deep = format!(
            r#"{{"type":"req","id":"1","method":"x","params":{}{}}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        // Skipping values needs no stack; the typed parameters refuse them later.
        assert!(Request::parse(&deep).is_ok());
        assert!(Request::parse(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn answers_have_the_shape_of_the_wire() {
        assert_eq!(ok("1", b"{}", Mirror::No), br#"{"type":"res","id":"1","ok":true,"payload":{}}"#);
        assert_eq!(ok("1", b"{}", Mirror::Result), br#"{"type":"res","id":"1","ok":true,"payload":{},"result":{}}"#);
        let text = String::from_utf8(error("a", &WireError::missing_scope(crate::Scope::Write), None)).unwrap();
        assert_eq!(
            text,
            r#"{"type":"res","id":"a","ok":false,"error":{"code":"FORBIDDEN","message":"missing scope: operator.write","details":{"code":"MISSING_SCOPE","missingScope":"operator.write","requiredScopes":["operator.write"]},"retryable":false}}"#
        );
    }

    #[test]
    fn an_event_is_completed_with_each_connections_seq() {
        let mut frame = event_open("tick", &serde_json::json!({"ts": 5}), None);
        frame.extend_from_slice(event_tail(Some(u64::MAX), None).as_bytes());
        assert_eq!(frame, br#"{"type":"event","event":"tick","payload":{"ts":5},"seq":18446744073709551615}"#);
        assert_eq!(event_tail(Some(0), None).as_bytes(), br#","seq":0}"#);
        assert_eq!(event_tail(Some(1), Some(20)).as_bytes(), br#","seq":1,"position":20}"#);
        let longest = format!(r#","seq":{0},"position":{0}}}"#, u64::MAX);
        assert_eq!(event_tail(Some(u64::MAX), Some(u64::MAX)).as_bytes(), longest.as_bytes());
        assert_eq!(event_tail_behind(1, 20, &[7, 9]), br#","seq":1,"position":20,"behind":[7,9]}"#);
        assert_eq!(event_tail(None, None).as_bytes(), b"}");
    }
}

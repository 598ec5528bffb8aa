//! Frames as a client reads and writes them (PROTOCOL §1.1).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A frame from the gateway.
#[derive(Debug)]
pub(crate) enum Incoming<'a> {
    /// The answer to a request.
    Answer { id: Cow<'a, str>, ok: bool, payload: Option<&'a RawValue>, error: Option<&'a RawValue> },
    /// An event.
    Event { name: Cow<'a, str>, payload: Option<&'a RawValue>, seq: Option<u64>, place: Option<(u64, Vec<u64>)> },
    /// Something a later gateway may send.
    Unknown,
}

#[derive(Deserialize)]
struct Shape<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(default, borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(default)]
    ok: Option<bool>,
    #[serde(default, borrow)]
    event: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    payload: Option<&'a RawValue>,
    #[serde(default, borrow)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    seq: Option<u64>,
    #[serde(default)]
    position: Option<u64>,
    #[serde(default)]
    behind: Vec<u64>,
}

impl<'a> Incoming<'a> {
    /// Reads a frame.
    pub(crate) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        let shape: Shape<'a> = serde_json::from_str(text)?;
        Ok(match (shape.kind.as_ref(), shape.id, shape.event) {
            ("res", Some(id), _) => {
                Self::Answer { id, ok: shape.ok.unwrap_or(false), payload: shape.payload, error: shape.error }
            }
            ("event", _, Some(name)) => {
                let place = shape.position.map(|position| (position, shape.behind));
                Self::Event { name, payload: shape.payload, seq: shape.seq, place }
            }
            _ => Self::Unknown,
        })
    }
}

/// A request as it goes over the wire.
#[derive(Serialize)]
struct Outgoing<'a, P> {
    r#type: &'static str,
    id: &'a str,
    method: &'a str,
    params: P,
}

/// Writes a request.
pub(crate) fn request(id: &str, method: &str, params: impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(&Outgoing { r#type: "req", id, method, params })
}

/// A payload of its own, `null` when there is none.
pub(crate) fn owned(payload: Option<&RawValue>) -> Box<RawValue> {
    payload.unwrap_or(RawValue::NULL).to_owned()
}

/// Whether an answer says that the final one is still to come.
pub(crate) fn is_accepted(payload: Option<&RawValue>) -> bool {
    #[derive(Deserialize)]
    struct Status<'a> {
        #[serde(borrow)]
        status: Cow<'a, str>,
    }
    payload.is_some_and(|payload| {
        serde_json::from_str::<Status<'_>>(payload.get()).is_ok_and(|answer| answer.status == "accepted")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_every_kind_are_told_apart() {
        assert!(matches!(
            Incoming::parse(r#"{"type":"res","id":"1","ok":true,"payload":{"a":1},"more":[]}"#).unwrap(),
            Incoming::Answer { ok: true, payload: Some(payload), .. } if payload.get() == r#"{"a":1}"#
        ));
        assert!(matches!(
            Incoming::parse(r#"{"type":"event","event":"tick","payload":{},"seq":7}"#).unwrap(),
            Incoming::Event { seq: Some(7), place: None, .. }
        ));
        let text = r#"{"type":"event","event":"tick","seq":7,"position":9,"behind":[4]}"#;
        let Incoming::Event { place: Some(place), .. } = Incoming::parse(text).unwrap() else { panic!() };
        assert_eq!(place, (9, vec![4]));
        for text in [r#"{"type":"status"}"#, r#"{"type":"res"}"#, r#"{"type":"event"}"#] {
            assert!(matches!(Incoming::parse(text).unwrap(), Incoming::Unknown), "{text}");
        }
        for text in ["", "[]", "5", "null", r#"{"id":"1"}"#, r#"{"type":5}"#] {
            assert!(Incoming::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_answer_without_ok_is_no_success() {
        assert!(matches!(Incoming::parse(r#"{"type":"res","id":"1"}"#).unwrap(), Incoming::Answer { ok: false, .. }));
    }

    #[test]
    fn only_the_status_accepted_announces_another_answer() {
        let accepted = |text: &str| is_accepted(Some(&RawValue::from_string(text.to_owned()).unwrap()));
        assert!(accepted(r#"{"runId":"r","status":"accepted"}"#));
        for text in [r#"{"status":"ok"}"#, r#"{"status":5}"#, "[]", "null"] {
            assert!(!accepted(text), "{text}");
        }
        assert!(!is_accepted(None));
    }
}

//! A connection of some dialect and role, and what may come of a call on it.

use std::{collections::BTreeMap, time::Duration};

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_protocol::device_payload::{DevicePayload, PayloadVersion, token_slot};
use openclaw_testkit::gateway::{Got, Raw, TOKEN, TestGateway};
use serde_json::{Value, json};

use crate::{
    fixture::{Fixture, filled},
    spoil::Due,
};

/// The dialects that clients speak.
pub(crate) const DIALECTS: [u64; 3] = [1, 3, 4];
/// Longest text of an error.
const LONGEST_MESSAGE: usize = 4096;
/// How long a method may take whose fixture says that it waits.
const PATIENCE: Duration = Duration::from_millis(300);

/// Who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller<'a> {
    pub(crate) dialect: u64,
    pub(crate) role: &'a str,
    pub(crate) scopes: &'a [&'a str],
    pub(crate) device: Option<&'a DeviceIdentity>,
}

impl Caller<'_> {
    /// `connect` parameters, signed when there is a device.
    fn params(&self, nonce: &str) -> Value {
        let (id, mode) = match (self.dialect, self.role) {
            (_, "node") => ("node-host", "node"),
            (1, _) => ("control-ui", "frontend"),
            _ => ("cli", "cli"),
        };
        let mut params = json!({
            "minProtocol": self.dialect, "maxProtocol": self.dialect, "role": self.role, "scopes": self.scopes,
            "client": { "id": id, "version": "1.0.0", "platform": "linux", "mode": mode },
            "auth": { "token": TOKEN },
        });
        if self.role == "node" {
            params["commands"] = json!(["system.which", "system.execApprovals.get", "system.execApprovals.set"]);
        }
        let Some(device) = self.device else { return params };
        let words: Vec<String> = self.scopes.iter().map(ToString::to_string).collect();
        let signed_at_ms = Clock::system().now_ms();
        let payload = DevicePayload {
            device_id: device.device_id(),
            client_id: id,
            client_mode: mode,
            role: self.role,
            scopes: &words,
            signed_at_ms,
            token: token_slot(&[Some(TOKEN)]),
            nonce,
            platform: Some("linux"),
            device_family: None,
        };
        params["device"] = json!({
            "id": device.device_id(), "publicKey": device.public_key(),
            "signature": device.sign(&payload.text(PayloadVersion::V2)), "signedAt": signed_at_ms, "nonce": nonce,
        });
        params
    }

    /// Connects.
    pub(crate) async fn connect(&self, gateway: &TestGateway) -> Result<Line, String> {
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let params = self.params(&nonce);
        raw.send(&json!({ "type": "req", "id": "connect-1", "method": "connect", "params": params })).await;
        let answer = raw.response("connect-1").await;
        if answer["ok"] == true { Ok(Line { raw, next: 0 }) } else { Err(format!("{self:?} is not let in: {answer}")) }
    }
}

/// A key of a device that nobody knows yet.
pub(crate) fn new_device() -> DeviceIdentity {
    DeviceIdentity::generate(&Ids::system(), &Clock::system())
}

/// An open connection.
pub(crate) struct Line {
    raw: Raw,
    next: u64,
}

/// What came of a call.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// An answer.
    Answer(Value),
    /// Nothing within a while, and the connection is open.
    Nothing,
    /// The connection ended.
    Ended(String),
}

impl Line {
    /// Goes on with a connection that is made.
    pub(crate) const fn over(raw: Raw) -> Self {
        Self { raw, next: 0 }
    }

    /// Calls a method.
    pub(crate) async fn call(&mut self, method: &str, params: &Value, waits: bool) -> Outcome {
        self.send(method, &params.to_string(), waits).await
    }

    /// Calls a method with this text as its parameters.
    pub(crate) async fn send(&mut self, method: &str, params: &str, waits: bool) -> Outcome {
        self.next += 1;
        let id = format!("{method}-{}", self.next);
        let method = json!(method);
        self.raw.text(format!(r#"{{"type":"req","id":"{id}","method":{method},"params":{params}}}"#)).await;
        loop {
            let came = if waits { self.raw.within(PATIENCE).await } else { Some(self.raw.next().await) };
            match came {
                Some(Got::Frame(frame))
                    if frame["type"] == "res" && (frame["id"] == id || frame["id"] == "invalid") =>
                {
                    return Outcome::Answer(frame);
                }
                Some(Got::Frame(_)) => {}
                Some(other) => return Outcome::Ended(format!("{other:?}")),
                None => return Outcome::Nothing,
            }
        }
    }

    /// Calls that must succeed before a good call can; the names for its parameters.
    pub(crate) async fn prepare(
        &mut self,
        fixture: &Fixture,
        names: &mut BTreeMap<String, Value>,
        fresh: &mut impl FnMut() -> String,
    ) -> Result<(), String> {
        for given in &fixture.given {
            let params = filled(&given.params, names, fresh);
            let answer = match self.call(&given.call, &params, false).await {
                Outcome::Answer(answer) if answer["ok"] == true => answer,
                other => return Err(format!("what is given ({} {params}) was answered {}", given.call, shown(&other))),
            };
            for (name, place) in &given.keep {
                let Some(value) = answer["payload"].pointer(place) else {
                    return Err(format!("the reply of {} has no {place}: {answer}", given.call));
                };
                names.insert(name.clone(), value.clone());
            }
        }
        Ok(())
    }
}

/// An outcome, short enough to read.
pub(crate) fn shown(outcome: &Outcome) -> String {
    let text = match outcome {
        Outcome::Answer(answer) => answer.to_string(),
        other => format!("{other:?}"),
    };
    text.chars().take(600).collect()
}

/// `details.code` of an answer, empty when it is no error.
pub(crate) fn code(answer: &Value) -> &str {
    answer["error"]["details"]["code"].as_str().unwrap_or_default()
}

/// What is wrong with the form of an error, whatever the call was.
pub(crate) fn untyped(answer: &Value) -> Option<String> {
    if answer["ok"] == true {
        return None;
    }
    let error = &answer["error"];
    let kind = error["code"].as_str().unwrap_or_default();
    if !["INVALID_REQUEST", "FORBIDDEN", "NOT_PAIRED", "UNAVAILABLE", "APPROVAL_NOT_FOUND"].contains(&kind) {
        return Some(format!("error.code is {kind:?}"));
    }
    if matches!(code(answer), "" | "INTERNAL" | "STORE_UNAVAILABLE") {
        return Some(format!("error.details.code is {:?}", code(answer)));
    }
    let message = error["message"].as_str().unwrap_or_default();
    if message.is_empty() || message.len() > LONGEST_MESSAGE {
        return Some(format!("error.message has {} bytes", message.len()));
    }
    if message.chars().any(|c| c.is_control() && c != '\n') {
        return Some("error.message holds control characters".to_owned());
    }
    None
}

/// What is wrong with the outcome of a call with something bad in it.
pub(crate) fn amiss(method: &str, outcome: &Outcome, due: &Due, fixture: &Fixture) -> Option<String> {
    let answer = match outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Nothing if fixture.waits && *due == Due::Answered => return None,
        // A call that was granted before ended the connections of its caller.
        Outcome::Ended(how) if fixture.may_end && how.contains("4001") => return None,
        _ => return Some(shown(outcome)),
    };
    if let Some(wrong) = untyped(answer) {
        return Some(format!("{wrong}: {}", shown(outcome)));
    }
    let Due::Refused(member) = due else { return None };
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    let path = answer["error"]["details"]["path"].as_str().unwrap_or_default();
    if answer["ok"] == true {
        Some("it was granted".to_owned())
    } else if answer["error"]["code"] != "INVALID_REQUEST" {
        Some(format!("it is no INVALID_REQUEST: {}", shown(outcome)))
    } else if !message.contains(member.as_str()) && !path.contains(member.as_str()) {
        Some(format!("{method} does not name {member}: {}", shown(outcome)))
    } else {
        None
    }
}

//! From an open WebSocket to the gateway's hello (PROTOCOL §3).

use std::{collections::BTreeMap, time::Duration};

use futures_util::SinkExt;
use openclaw_core::Secret;
use openclaw_protocol::{
    Role,
    device_payload::{DevicePayload, PayloadVersion, token_slot},
    resume::Ask,
};
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    ClientInfo, ConnectError, End, Hello, Options, Refusal, Stage,
    frame::{self, Incoming},
    socket::{Socket, broken, close, next_text},
};

/// Frames before the challenge or the hello that are passed over; a gateway sends none.
const MAX_FOREIGN_FRAMES: usize = 64;
/// How long the close frame after a refusal is waited for: it says whether the refusal is final.
const LAST_WORD: Duration = Duration::from_millis(500);

/// What one attempt offers; the second attempt of a connection offers something else.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) min: u8,
    pub(crate) max: u8,
    pub(crate) secret: Shown,
}

/// Which token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The gateway's, or the device's when there is no other.
    First,
    /// The device's.
    DeviceToken,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Params<'a> {
    min_protocol: u8,
    max_protocol: u8,
    client: &'a ClientInfo,
    role: Role,
    scopes: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    caps: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    commands: &'a [String],
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    permissions: &'a BTreeMap<String, bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth: Option<Auth<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<Device<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<&'a Ask>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Auth<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bootstrap_token: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Device<'a> {
    id: &'a str,
    public_key: String,
    signature: String,
    signed_at: i64,
    nonce: &'a str,
}

#[derive(Deserialize)]
struct Challenge {
    nonce: String,
    #[serde(default)]
    ts: Option<i64>,
}

/// Waits for the challenge, sends `connect`, waits for the hello.
pub(crate) async fn greet(
    socket: &mut Socket,
    options: &Options,
    offer: Offer,
    resume: Option<&Ask>,
) -> Result<Hello, ConnectError> {
    let url = &options.url;
    let late = |stage, after| ConnectError::Timeout { url: url.clone(), stage, after };

    let after = options.deadlines.challenge;
    let challenge = timeout(after, challenge(socket, options)).await.map_err(|_| late(Stage::Challenge, after))??;

    let id = options.handles.ids.uuid().to_string();
    let text = connect_frame(&id, options, offer, &challenge, resume)
        .map_err(|error| ConnectError::NotAGateway { url: url.clone(), what: error.to_string() })?;
    let after = options.deadlines.request;
    let answer = async {
        socket.send(Message::text(text)).await.map_err(|error| ended(options, Stage::Hello, broken(&error)))?;
        hello(socket, options, offer, &id).await
    };
    timeout(after, answer).await.map_err(|_| late(Stage::Hello, after))?
}

fn ended(options: &Options, stage: Stage, end: End) -> ConnectError {
    ConnectError::Ended { url: options.url.clone(), stage, end }
}

async fn challenge(socket: &mut Socket, options: &Options) -> Result<Challenge, ConnectError> {
    let strange = |what: &str| ConnectError::NotAGateway { url: options.url.clone(), what: what.to_owned() };
    for _ in 0..MAX_FOREIGN_FRAMES {
        let text = next_text(socket).await.map_err(|end| ended(options, Stage::Challenge, end))?;
        match Incoming::parse(&text) {
            Ok(Incoming::Event { name, payload: Some(payload), .. }) if name == "connect.challenge" => {
                return match serde_json::from_str::<Challenge>(payload.get()) {
                    Ok(challenge) if !challenge.nonce.trim().is_empty() => Ok(challenge),
                    _ => Err(strange("its challenge has no nonce")),
                };
            }
            Ok(_) => {}
            Err(_) => {
                let _ = timeout(LAST_WORD, socket.send(close(1007, "not a gateway's frame"))).await;
                return Err(strange("it sent something else than a gateway's frame"));
            }
        }
    }
    Err(strange("it sent no challenge"))
}

fn connect_frame(
    id: &str,
    options: &Options,
    offer: Offer,
    challenge: &Challenge,
    resume: Option<&Ask>,
) -> Result<String, serde_json::Error> {
    let secrets = &options.credentials;
    let token = secrets.token.as_ref().filter(|_| offer.secret == Shown::First).map(Secret::expose);
    let device_token = secrets.device_token.as_ref().filter(|_| token.is_none()).map(Secret::expose);
    let password = secrets.password.as_ref().map(Secret::expose);
    let nothing_else = token.is_none() && password.is_none() && device_token.is_none();
    let bootstrap_token = secrets.setup_code.as_ref().filter(|_| nothing_else).map(Secret::expose);
    let auth = if offer.max <= 3 {
        // A gateway of protocol 3 knows no other place for it.
        Auth { token: token.or(device_token), password, device_token: None, bootstrap_token }
    } else {
        Auth { token, password, device_token, bootstrap_token }
    };
    let device = options.identity.as_deref().map(|identity| {
        // The gateway compares with its own clock, so its own time is the best to sign.
        let signed_at = challenge.ts.filter(|ts| *ts >= 0).unwrap_or_else(|| options.handles.clock.now_ms());
        let payload = DevicePayload {
            device_id: identity.device_id(),
            client_id: &options.client.id,
            client_mode: &options.client.mode,
            role: options.role.as_str(),
            scopes: &options.scopes,
            signed_at_ms: signed_at,
            token: token_slot(&[auth.token, auth.device_token, auth.bootstrap_token]),
            nonce: &challenge.nonce,
            platform: Some(&options.client.platform),
            device_family: options.client.device_family.as_deref(),
        };
        // Only gateways of protocol 4 know the newer text.
        let version = if offer.min >= 4 { PayloadVersion::V3 } else { PayloadVersion::V2 };
        Device {
            id: identity.device_id(),
            public_key: identity.public_key(),
            signature: identity.sign(&payload.text(version)),
            signed_at,
            nonce: &challenge.nonce,
        }
    });
    let empty = nothing_else && auth.bootstrap_token.is_none();
    let params = Params {
        min_protocol: offer.min,
        max_protocol: offer.max,
        client: &options.client,
        role: options.role,
        scopes: &options.scopes,
        caps: &options.caps,
        commands: &options.commands,
        permissions: &options.permissions,
        auth: (!empty).then_some(auth),
        device,
        resume,
    };
    frame::request(id, "connect", &params)
}

async fn hello(socket: &mut Socket, options: &Options, offer: Offer, id: &str) -> Result<Hello, ConnectError> {
    let strange = |what: String| ConnectError::NotAGateway { url: options.url.clone(), what };
    for _ in 0..MAX_FOREIGN_FRAMES {
        let text = next_text(socket).await.map_err(|end| ended(options, Stage::Hello, end))?;
        match Incoming::parse(&text) {
            Ok(Incoming::Answer { id: found, ok: true, payload, .. }) if found == id => {
                return Hello::read(frame::owned(payload), options.role).map_err(strange);
            }
            Ok(Incoming::Answer { id: found, ok: false, error, .. }) if found == id => {
                return Err(refused(socket, options, offer, Refusal::read(error)).await);
            }
            Ok(_) => {}
            Err(_) => return Err(strange("it sent something else than a gateway's frame".to_owned())),
        }
    }
    Err(strange("it sent no hello".to_owned()))
}

async fn refused(socket: &mut Socket, options: &Options, offer: Offer, refusal: Refusal) -> ConnectError {
    let end = match timeout(LAST_WORD, next_text(socket)).await {
        Ok(Err(end)) => Some(end),
        Ok(Ok(_)) | Err(_) => None,
    };
    let mismatch = refusal.reason() == "PROTOCOL_MISMATCH"
        || matches!(end, Some(End::Closed { code: openclaw_protocol::close::PROTOCOL_MISMATCH, .. }));
    let (url, refusal) = (options.url.clone(), Box::new(refusal));
    if mismatch {
        ConnectError::ProtocolMismatch { url, min: offer.min, max: offer.max, refusal }
    } else {
        ConnectError::Refused { url, refusal, end }
    }
}

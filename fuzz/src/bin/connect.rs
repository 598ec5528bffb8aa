//! Any text of a stranger, as the frames and parameters that are read before anybody is known.
//!
//! Never panics, never accepts what the rules of the dialect exclude, always has an answer that is itself a frame, and
//! never shows what stands in the places of secrets.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_protocol::{
    Dialect, WireError,
    connect::{Auth, BadConnect, CLIENT_IDS, CLIENT_MODES, ConnectParams},
    device_payload::{DevicePayload, PayloadVersion, token_slot},
    frame::{self, BadFrame, Request},
    limits,
};
use serde_json::{Value, value::RawValue};

fuzz_target!(|text: &str| {
    match Request::parse(text) {
        Ok(request) => {
            assert!((1..=limits::REQUEST_ID_BYTES).contains(&request.id.len()) && !request.method.is_empty());
            connect(request.params);
        }
        Err(BadFrame::NotJson(_)) => assert!(serde_json::from_str::<Value>(text).is_err(), "JSON taken for none"),
        Err(BadFrame::NotARequest { id, error }) => answered(&id, &error),
    }
    // The same text as bare parameters, which costs the fuzzer no frame around them.
    if let Ok(params) = serde_json::from_str::<&RawValue>(text) {
        connect(Some(params));
    }
});

/// Reads the parameters of `connect`, and checks what holds of those that are taken.
fn connect(raw: Option<&RawValue>) {
    let (params, dialect) = match ConnectParams::parse(raw) {
        Ok(parsed) => parsed,
        Err(BadConnect::Invalid(error) | BadConnect::Mismatch(error)) => return answered("1", &error),
    };
    let number = u64::from(dialect.number());
    assert!((params.min_protocol..=params.max_protocol).contains(&number), "a version outside of the client's range");
    if dialect != Dialect::V1 {
        assert!(CLIENT_IDS.contains(&params.client.id.as_str()) && CLIENT_MODES.contains(&params.mode()));
    }
    if dialect == Dialect::V4 {
        assert!(params.device.as_ref().is_none_or(|device| device.nonce.is_some()), "dialect 4 binds to the nonce");
    }
    let Some(device) = &params.device else { return };
    let auth = params.auth.clone().unwrap_or_default();
    let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "another".to_owned());
    let other = Auth {
        token: hidden(&auth.token),
        password: hidden(&auth.password),
        device_token: hidden(&auth.device_token),
        bootstrap_token: hidden(&auth.bootstrap_token),
        passkey: auth.passkey.clone(),
    };
    // Not a search for the secret: a stranger may send the very words that stand in its place.
    assert_eq!(format!("{auth:?}"), format!("{other:?}"), "what is shown depends on a secret");
    for version in [PayloadVersion::V1, PayloadVersion::V2, PayloadVersion::V3] {
        let text = DevicePayload {
            device_id: &device.id,
            client_id: &params.client.id,
            client_mode: params.mode(),
            role: params.role.as_deref().unwrap_or("operator"),
            scopes: params.scopes.as_deref().unwrap_or_default(),
            signed_at_ms: device.signed_at,
            token: token_slot(&[auth.token.as_deref(), auth.device_token.as_deref()]),
            nonce: device.nonce.as_deref().unwrap_or_default(),
            platform: params.client.platform.as_deref(),
            device_family: params.client.device_family.as_deref(),
        }
        .text(version);
        assert!(!text.is_empty());
    }
}

/// An error must make a response frame that names it.
fn answered(id: &str, error: &WireError) {
    let frame = frame::error(id, error, None);
    let frame: Value = serde_json::from_slice(&frame).expect("an error response is JSON");
    assert_eq!((&frame["type"], &frame["id"], &frame["ok"]), (&"res".into(), &id.into(), &false.into()));
    assert!(frame["error"]["code"].is_string() && frame["error"]["details"]["code"].is_string(), "{frame}");
}

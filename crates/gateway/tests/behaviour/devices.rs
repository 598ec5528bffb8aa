//! A device with a key, and the frames it signs.

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_protocol::device_payload::{DevicePayload, PayloadVersion, token_slot};
use openclaw_testkit::gateway::{Got, Raw, TestGateway};
use serde_json::{Value, json};

pub(crate) struct Device {
    identity: DeviceIdentity,
    /// Milliseconds to add to the time that it signs.
    late_ms: i64,
    platform: &'static str,
}

impl Device {
    pub(crate) fn new() -> Self {
        let identity = DeviceIdentity::generate(&Ids::system(), &Clock::system());
        Self { identity, late_ms: 0, platform: "linux" }
    }

    /// The same device with a clock that is off.
    pub(crate) fn signing_late(self, late_ms: i64) -> Self {
        Self { late_ms, ..self }
    }

    pub(crate) fn id(&self) -> &str {
        self.identity.device_id()
    }

    /// `connect` parameters, signed for this nonce.
    pub(crate) fn params(&self, gateway: &TestGateway, nonce: &str, auth: &Value, scopes: &[&str]) -> Value {
        self.params_at(gateway.clock().now_ms(), nonce, auth, scopes)
    }

    /// The same at this time, milliseconds since the epoch.
    pub(crate) fn params_at(&self, now_ms: i64, nonce: &str, auth: &Value, scopes: &[&str]) -> Value {
        self.params_as("operator", now_ms, nonce, auth, scopes)
    }

    /// The same in this role.
    pub(crate) fn params_as(&self, role: &str, now_ms: i64, nonce: &str, auth: &Value, scopes: &[&str]) -> Value {
        self.params_of(("gateway-client", "backend"), role, now_ms, nonce, auth, scopes)
    }

    fn params_of(
        &self,
        (client_id, client_mode): (&str, &str),
        role: &str,
        now_ms: i64,
        nonce: &str,
        auth: &Value,
        scopes: &[&str],
    ) -> Value {
        let signed_at = now_ms + self.late_ms;
        let words: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let payload = DevicePayload {
            device_id: self.id(),
            client_id,
            client_mode,
            role,
            scopes: &words,
            signed_at_ms: signed_at,
            token: token_slot(&[auth["token"].as_str(), auth["deviceToken"].as_str(), auth["bootstrapToken"].as_str()]),
            nonce,
            platform: Some(self.platform),
            device_family: None,
        };
        json!({
            "minProtocol": 4, "maxProtocol": 4, "role": role, "scopes": scopes,
            "client": { "id": client_id, "version": "1.0.0", "platform": self.platform, "mode": client_mode },
            "auth": auth,
            "device": {
                "id": self.id(), "publicKey": self.identity.public_key(), "signature": self.identity.sign(&payload.text(PayloadVersion::V3)),
                "signedAt": signed_at, "nonce": nonce,
            },
        })
    }

    /// `connect` parameters of the page in a browser.
    pub(crate) fn page(&self, gateway: &TestGateway, nonce: &str, auth: &Value, scopes: &[&str]) -> Value {
        self.params_of(("openclaw-control-ui", "ui"), "operator", gateway.clock().now_ms(), nonce, auth, scopes)
    }

    /// Connects with these credentials; the socket and the answer.
    pub(crate) async fn connect(&self, gateway: &TestGateway, auth: Value, scopes: &[&str]) -> (Raw, Value) {
        let mut raw = gateway.raw().await;
        let nonce = raw.challenge().await;
        let answer = connect(&mut raw, &self.params(gateway, &nonce, &auth, scopes)).await;
        (raw, answer)
    }
}

/// Sends `connect` on a socket whose challenge was taken.
pub(crate) async fn connect(raw: &mut Raw, params: &Value) -> Value {
    raw.send(&json!({ "type": "req", "id": "connect-1", "method": "connect", "params": params })).await;
    raw.response("connect-1").await
}

/// Takes frames until the socket is closed, and tells how.
pub(crate) async fn closed(raw: &mut Raw) -> (u16, String) {
    loop {
        match raw.next().await {
            Got::Frame(_) => {}
            Got::Closed(code, reason) => return (code, reason),
            Got::Gone => return (1006, String::new()),
        }
    }
}

/// `details.code` of an answer.
pub(crate) fn code(answer: &Value) -> &str {
    answer["error"]["details"]["code"].as_str().unwrap_or("no error")
}

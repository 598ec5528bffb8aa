//! A device with a key, and how it signs.

use openclaw_client::DeviceIdentity;
use openclaw_core::{Clock, Ids};
use openclaw_protocol::device_payload::{DevicePayload, PayloadVersion, token_slot};
use serde_json::{Value, json};

/// Words of the client of every device.
const CLIENT: (&str, &str, &str) = ("gateway-client", "backend", "linux");

pub(crate) struct Device(DeviceIdentity);

impl Device {
    pub(crate) fn new(seed: u64) -> Self {
        Self(DeviceIdentity::generate(&Ids::seeded(seed), &Clock::manual(0).0))
    }

    pub(crate) fn id(&self) -> &str {
        self.0.device_id()
    }

    /// Adds to `connect` parameters who it is, signed for this nonce.
    pub(crate) fn sign(&self, params: &mut Value, scopes: &[&str], token: Option<&str>, nonce: &str, now_ms: i64) {
        let (client_id, client_mode, platform) = CLIENT;
        let words: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        let payload = DevicePayload {
            device_id: self.id(),
            client_id,
            client_mode,
            role: "operator",
            scopes: &words,
            signed_at_ms: now_ms,
            token: token_slot(&[None, token, None]),
            nonce,
            platform: Some(platform),
            device_family: None,
        };
        params["client"] = json!({ "id": client_id, "version": "1.0.0", "platform": platform, "mode": client_mode });
        params["auth"] = token.map_or_else(|| json!({}), |token| json!({ "deviceToken": token }));
        params["device"] = json!({
            "id": self.id(), "publicKey": self.0.public_key(), "signature": self.0.sign(&payload.text(PayloadVersion::V3)),
            "signedAt": now_ms, "nonce": nonce,
        });
    }
}

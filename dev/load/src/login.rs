//! From a TCP connection to an authenticated one.

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use openclaw_core::{Ids, Secret};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use tokio::net::TcpStream;

use crate::wire::{Wire, is_event, is_ok};

/// Who connects.
pub(crate) enum Identity {
    /// A backend on the same host: shared secret, no device.
    Backend,
    /// A command line on the same host: shared secret, no device, not listed as present.
    CommandLine,
    /// A command line with a device key that signs each connect.
    Device(Box<Device>),
    /// A page that shows everything, with a device key.
    Dashboard(Box<Device>),
}

/// An Ed25519 key with the names derived from it.
pub(crate) struct Device {
    key: SigningKey,
    id: String,
    public: String,
}

impl Device {
    /// A new key.
    pub(crate) fn generate(ids: &Ids) -> Self {
        let key = SigningKey::from_bytes(&ids.bytes());
        let public = key.verifying_key().to_bytes();
        let id = Sha256::digest(public).iter().map(|byte| format!("{byte:02x}")).collect();
        Self { key, id, public: BASE64.encode(public) }
    }
}

/// Scopes every client of this tool asks for; admin implies all.
const SCOPES: &str = "operator.admin";

#[derive(Deserialize)]
struct Challenge {
    payload: ChallengePayload,
}

#[derive(Deserialize)]
struct ChallengePayload {
    nonce: String,
    ts: i64,
}

/// Upgrades, answers the challenge and returns the connection with the whole hello frame.
pub(crate) async fn login(stream: TcpStream, token: &Secret, identity: &Identity) -> Result<(Wire, Bytes)> {
    let mut wire = Wire::open(stream).await?;
    let challenge = wire.next_soon().await.context("while waiting for the challenge")?;
    ensure!(is_event(&challenge, "connect.challenge"), "the server did not begin with a challenge");
    let Challenge { payload } = serde_json::from_slice(&challenge).context("the challenge is not what it should be")?;
    wire.send(connect_frame(token, identity, &payload).as_bytes()).await?;
    loop {
        let frame = wire.next_soon().await.context("while waiting for the answer to connect")?;
        if frame.starts_with(br#"{"type":"res""#) {
            ensure!(is_ok(&frame), "connect was refused: {}", String::from_utf8_lossy(&frame));
            return Ok((wire, frame));
        }
    }
}

fn connect_frame(token: &Secret, identity: &Identity, challenge: &ChallengePayload) -> String {
    let ChallengePayload { nonce, ts } = challenge;
    let token = token.expose();
    let (id, mode, proof) = match identity {
        Identity::Backend => ("gateway-client", "backend", String::new()),
        Identity::CommandLine => ("cli", "cli", String::new()),
        Identity::Device(device) | Identity::Dashboard(device) => {
            let dashboard = matches!(identity, Identity::Dashboard(_));
            let (id, mode) = if dashboard { ("gateway-client", "ui") } else { ("cli", "cli") };
            let text = format!("v3|{}|{id}|{mode}|operator|{SCOPES}|{ts}|{token}|{nonce}|linux|", device.id);
            let signature = BASE64.encode(device.key.sign(text.as_bytes()).to_bytes());
            let Device { id: device_id, public, .. } = &**device;
            let proof = format!(
                r#","device":{{"id":"{device_id}","publicKey":"{public}","signature":"{signature}","signedAt":{ts},"nonce":"{nonce}"}}"#
            );
            (id, mode, proof)
        }
    };
    let version = openclaw_protocol::VERSION;
    format!(
        r#"{{"type":"req","id":"connect","method":"connect","params":{{"minProtocol":4,"maxProtocol":4,"client":{{"id":"{id}","version":"{version}","platform":"linux","mode":"{mode}"}},"role":"operator","scopes":["{SCOPES}"]{proof},"auth":{{"token":"{token}"}}}}}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Verifier;
    use openclaw_protocol::connect::ConnectParams;
    use serde_json::value::RawValue;

    #[test]
    fn the_connect_frame_is_valid_and_signed_for_this_nonce() {
        let device = Device::generate(&Ids::seeded(1));
        let key = device.key.verifying_key();
        let challenge = ChallengePayload { nonce: "n".into(), ts: 5 };
        let frame = connect_frame(&Secret::new("t".to_owned()), &Identity::Device(Box::new(device)), &challenge);
        let request = openclaw_protocol::frame::Request::parse(&frame).unwrap();
        let params: Box<RawValue> = request.params.unwrap().to_owned();
        let (params, _) = ConnectParams::parse(Some(&params)).unwrap();
        let proof = params.device.unwrap();
        let signature = BASE64.decode(proof.signature).unwrap();
        let text = format!("v3|{}|cli|cli|operator|operator.admin|5|t|n|linux|", proof.id);
        key.verify(text.as_bytes(), &signature.as_slice().try_into().unwrap()).unwrap();
    }
}

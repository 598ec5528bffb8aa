//! Any declarations of a stranger against the decision who may connect.
//!
//! A device key decodes to what it encodes, and whatever somebody declares who has neither a secret nor a device's key
//! is never accepted, by no door, in no mode that asks for a secret, whichever compatibility keys are on.
#![no_main]

use ed25519_dalek::SigningKey;
use libfuzzer_sys::fuzz_target;
use openclaw_auth::{
    Attempt, Client, Credentials, Decision, DeviceProof, Devices, Locality, Policy, Security, Surface, Transport,
    decide, device,
};
use openclaw_core::{Secret, record::Device};
use openclaw_protocol::{DeviceId, Dialect, Role, Scopes};
use std::{net::IpAddr, sync::LazyLock};

/// Milliseconds since the epoch at which everything is decided.
const NOW: i64 = 1_764_000_000_000;
/// Nonce of the connection; what an honest client would sign.
const NONCE: &str = "11111111-2222-4333-8444-555555555555";
/// The gateway's secret, which no input may hold.
const SECRET: &str = "c0f4f6a2a4a04d3fb5d8f7a1e2";

/// The one admitted device; its private key is known to nobody but this program.
static ADMITTED: LazyLock<Device> = LazyLock::new(|| {
    let key = SigningKey::from_bytes(&[7; 32]).verifying_key();
    Device {
        device_id: DeviceId::new(device::device_id(key.as_bytes())).expect("a hash is a device id"),
        public_key: device::encode_public_key(key.as_bytes()),
        display_name: None,
        platform: Some("linux".to_owned()),
        device_family: None,
        client_id: None,
        client_mode: None,
        roles: vec![Role::Operator, Role::Node],
        scopes: Scopes::parse(["operator.admin"]),
        remote_ip: None,
        owner: "shared".to_owned(),
        approved_via: "operator".to_owned(),
        created_at: 1,
        approved_at: 1,
        last_seen_at: None,
        tokens: Vec::new(),
        revision: 0,
    }
});

struct Known;

impl Devices for Known {
    fn device(&self, id: &str) -> Option<Device> {
        (id == ADMITTED.device_id.as_str()).then(|| ADMITTED.clone())
    }

    fn count_for_owner(&self, _: &str) -> usize {
        1
    }
}

fuzz_target!(|data: &[u8]| {
    let &[who, rules, ref rest @ ..] = data else { return };
    let Ok(text) = str::from_utf8(rest) else { return };
    if text.contains(SECRET) {
        return;
    }
    // Words in a fixed order, one to a line; an empty line is an absent one.
    let mut lines = text.split('\n');
    let mut word = || lines.next().filter(|line| !line.is_empty());
    let (id, key, signature, nonce) = (word(), word(), word(), word());
    if let Some(key) = key.and_then(device::decode_public_key) {
        assert_eq!(device::decode_public_key(&device::encode_public_key(&key)), Some(key));
        assert!(DeviceId::new(device::device_id(&key)).is_ok());
    }
    let is_admitted = id == Some("*");
    let proof = id.map(|id| DeviceProof {
        id: if is_admitted { ADMITTED.device_id.as_str() } else { id },
        public_key: key.map_or("", |key| if key == "*" { &ADMITTED.public_key } else { key }),
        signature: signature.unwrap_or_default(),
        signed_at: NOW,
        nonce: nonce.map(|nonce| if nonce == "*" { NONCE } else { nonce }),
    });
    let credentials = Credentials {
        token: word(),
        password: word(),
        device_token: word(),
        bootstrap_token: word(),
        cached_device_token: word(),
        ..Credentials::default()
    };
    let client = Client {
        id: word().unwrap_or_default(),
        mode: word().unwrap_or_default(),
        version: word(),
        display_name: word(),
        platform: word(),
        device_family: word(),
    };
    let (role, origin, host) = (word(), word(), word());
    let scopes: Option<Vec<String>> = word().map(|words| words.split(' ').map(str::to_owned).collect());
    let is_on = |bits: u8, bit: u8| bits & (1 << bit) != 0;
    let attempt = Attempt {
        transport: Transport {
            peer_ip: IpAddr::from([127, 0, 0, 1]),
            locality: if is_on(who, 0) { Locality::DirectLoopback } else { Locality::Remote },
            surface: if is_on(who, 1) { Surface::WebSocket } else { Surface::Http },
            security: if is_on(who, 2) { Security::Tls } else { Security::Plain },
            origin,
            host,
            voucher: openclaw_auth::Voucher::Nobody,
        },
        dialect: Dialect::ALL[usize::from(who >> 3) % Dialect::ALL.len()],
        client,
        role,
        scopes: scopes.as_deref(),
        device: proof,
        credentials,
        nonce: NONCE,
    };
    let secret = Secret::new(SECRET);
    let mut policy = if is_on(rules, 0) { Policy::password(secret) } else { Policy::token(secret) };
    policy.device_auth.enabled = !is_on(rules, 1);
    policy.device_auth.require_signature = !is_on(rules, 2);
    policy.device_auth.allow_token_only = is_on(rules, 3);
    policy.control_ui.require_device_auth = is_on(rules, 4);
    policy.control_ui.allow_insecure_auth = is_on(rules, 5);
    policy.signature_v1 = is_on(rules, 6);
    if is_on(rules, 7) {
        policy.control_ui.allowed_origins.push("*".to_owned());
    }
    match decide(&attempt, &policy, &Known, NOW) {
        Decision::Accept(admission) => panic!("let in by {:?}", admission.auth_method),
        // Whoever holds a key of their own may ask; the admitted device's key is out of reach.
        Decision::Pair(_) => assert!(!is_admitted, "a pairing for somebody else's device"),
        Decision::Refuse(refusal) => {
            assert!(!refusal.error.message.is_empty() && !refusal.error.details.code.is_empty());
            assert!(refusal.close_reason.len() <= 123, "a close reason that no frame can carry");
        }
    }
});

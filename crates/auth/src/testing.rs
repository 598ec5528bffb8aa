//! An attempt that owns its words, and a set of devices, for the tests of this crate.

use std::net::{IpAddr, Ipv4Addr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ed25519_dalek::{Signer, SigningKey};
use openclaw_core::{
    Secret,
    record::{Device, DeviceToken},
};
use openclaw_protocol::{
    DeviceId, Dialect, Role, Scopes,
    device_payload::{DevicePayload, PayloadVersion, token_slot},
};

use crate::{
    Admission, Attempt, Client, Credentials, Decision, DeviceProof, Devices, Locality, PairingNeeded, Policy, Refusal,
    Security, Surface, Transport, decide, device,
    tokens::{self, hash_token},
};

pub(crate) const NOW: i64 = 1_764_000_000_000;
pub(crate) const SECRET: &str = "right-secret";
pub(crate) const NONCE: &str = "11111111-2222-4333-8444-555555555555";

pub(crate) fn policy() -> Policy {
    Policy::token(Secret::new(SECRET))
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Known(pub(crate) Vec<Device>);

impl Devices for Known {
    fn device(&self, id: &str) -> Option<Device> {
        self.0.iter().find(|device| device.device_id.as_str() == id).cloned()
    }

    fn count_for_owner(&self, owner: &str) -> usize {
        self.0.iter().filter(|device| device.owner == owner).count()
    }

    fn device_by_token(&self, hash: &str) -> Option<Device> {
        self.0.iter().find(|device| device.tokens.iter().any(|token| token.hash == hash)).cloned()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Proof {
    pub(crate) id: String,
    pub(crate) public_key: String,
    pub(crate) signature: String,
    pub(crate) signed_at: i64,
    pub(crate) nonce: Option<String>,
}

/// A connect frame with its connection. Starts as the official CLI without device on direct loopback.
#[derive(Clone, Debug)]
pub(crate) struct Knock {
    pub(crate) peer_ip: IpAddr,
    pub(crate) locality: Locality,
    pub(crate) surface: Surface,
    pub(crate) security: Security,
    pub(crate) origin: Option<String>,
    pub(crate) host: Option<String>,
    pub(crate) dialect: Dialect,
    pub(crate) client_id: String,
    pub(crate) client_mode: String,
    pub(crate) platform: Option<String>,
    pub(crate) device_family: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) device: Option<Proof>,
    pub(crate) token: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) device_token: Option<String>,
    pub(crate) bootstrap_token: Option<String>,
    pub(crate) cached_device_token: Option<String>,
    pub(crate) nonce: String,
    pub(crate) hashed: crate::Hashed,
    pub(crate) passkey: Option<Result<crate::ShownPasskey, crate::webauthn::Problem>>,
    pub(crate) carried: Option<Carried>,
    pub(crate) tailscale: Option<String>,
}

/// What came through a proxy, or in its name.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    pub(crate) socket_ip: IpAddr,
    pub(crate) listed: bool,
    pub(crate) interface: crate::Interface,
    pub(crate) attributed: bool,
    pub(crate) headers: Vec<(String, String)>,
}

pub(crate) fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

pub(crate) fn id_of(key: &SigningKey) -> String {
    device::device_id(key.verifying_key().as_bytes())
}

pub(crate) fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

impl Knock {
    pub(crate) fn new(dialect: Dialect, client_id: &str, client_mode: &str) -> Self {
        Self {
            peer_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            locality: Locality::DirectLoopback,
            surface: Surface::WebSocket,
            security: Security::Plain,
            origin: None,
            host: Some("127.0.0.1:18789".to_owned()),
            dialect,
            client_id: client_id.to_owned(),
            client_mode: client_mode.to_owned(),
            platform: Some("linux".to_owned()),
            device_family: None,
            role: None,
            scopes: None,
            device: None,
            token: None,
            password: None,
            device_token: None,
            bootstrap_token: None,
            cached_device_token: None,
            nonce: NONCE.to_owned(),
            hashed: crate::Hashed::default(),
            passkey: None,
            carried: None,
            tailscale: None,
        }
    }

    pub(crate) fn cli() -> Self {
        Self::new(Dialect::V4, "cli", "cli")
    }

    /// Spec 001's Mission Control.
    pub(crate) fn mission_control() -> Self {
        Self::new(Dialect::V3, "gateway-client", "ui")
    }

    pub(crate) fn remote(mut self) -> Self {
        self.peer_ip = "203.0.113.7".parse().unwrap();
        self.locality = Locality::Remote;
        self.host = Some("gw.example.com".to_owned());
        self
    }

    pub(crate) fn scopes(mut self, words: &[&str]) -> Self {
        self.scopes = Some(owned(words));
        self
    }

    pub(crate) fn token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    pub(crate) fn device_token(mut self, token: &str) -> Self {
        self.device_token = Some(token.to_owned());
        self
    }

    pub(crate) fn cached(mut self, token: &str) -> Self {
        self.cached_device_token = Some(token.to_owned());
        self
    }

    pub(crate) fn origin(mut self, origin: &str) -> Self {
        self.origin = Some(origin.to_owned());
        self
    }

    pub(crate) fn role(mut self, role: &str) -> Self {
        self.role = Some(role.to_owned());
        self
    }

    /// Signs what the frame holds by now, so that it comes last.
    pub(crate) fn signed(self, key: &SigningKey, version: PayloadVersion) -> Self {
        let id = id_of(key);
        self.signed_as(key, &id, version, NOW)
    }

    pub(crate) fn signed_as(mut self, key: &SigningKey, id: &str, version: PayloadVersion, signed_at: i64) -> Self {
        let text = {
            let attempt = self.attempt();
            let sent = &attempt.credentials;
            DevicePayload {
                device_id: id,
                client_id: attempt.client.id,
                client_mode: attempt.client.mode,
                role: attempt.role_word(),
                scopes: attempt.scopes.unwrap_or_default(),
                signed_at_ms: signed_at,
                token: token_slot(&[sent.token, sent.device_token, sent.bootstrap_token, sent.cached_device_token]),
                nonce: attempt.nonce,
                platform: attempt.client.platform,
                device_family: attempt.client.device_family,
            }
            .text(version)
        };
        self.device = Some(Proof {
            id: id.to_owned(),
            public_key: device::encode_public_key(key.verifying_key().as_bytes()),
            signature: sign(key, &text),
            signed_at,
            nonce: Some(self.nonce.clone()),
        });
        self
    }

    /// Comes through a proxy at 10.0.0.1 that is listed, with these headers.
    pub(crate) fn through_proxy(self, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let carried = Carried {
            socket_ip: "10.0.0.1".parse().unwrap(),
            listed: true,
            interface: crate::Interface::Elsewhere,
            attributed: true,
            headers,
        };
        Self { carried: Some(carried), ..self.remote() }
    }

    fn voucher(&self) -> crate::Voucher<'_> {
        match (&self.carried, &self.tailscale) {
            (Some(carried), _) => crate::Voucher::Carrier(crate::Carrier {
                socket_ip: carried.socket_ip,
                listed: carried.listed,
                interface: carried.interface,
                attributed: carried.attributed,
                headers: &carried.headers,
            }),
            (None, Some(login)) => crate::Voucher::Tailscale { login },
            (None, None) => crate::Voucher::Nobody,
        }
    }

    pub(crate) fn attempt(&self) -> Attempt<'_> {
        Attempt {
            transport: Transport {
                peer_ip: self.peer_ip,
                locality: self.locality,
                surface: self.surface,
                security: self.security,
                origin: self.origin.as_deref(),
                host: self.host.as_deref(),
                voucher: self.voucher(),
            },
            dialect: self.dialect,
            client: Client {
                id: &self.client_id,
                mode: &self.client_mode,
                version: Some("2026.9.6"),
                display_name: None,
                platform: self.platform.as_deref(),
                device_family: self.device_family.as_deref(),
            },
            role: self.role.as_deref(),
            scopes: self.scopes.as_deref(),
            device: self.device.as_ref().map(|proof| DeviceProof {
                id: &proof.id,
                public_key: &proof.public_key,
                signature: &proof.signature,
                signed_at: proof.signed_at,
                nonce: proof.nonce.as_deref(),
            }),
            credentials: Credentials {
                token: self.token.as_deref(),
                password: self.password.as_deref(),
                device_token: self.device_token.as_deref(),
                bootstrap_token: self.bootstrap_token.as_deref(),
                cached_device_token: self.cached_device_token.as_deref(),
                hashed: self.hashed,
                passkey: match &self.passkey {
                    None => crate::PasskeyWord::None,
                    Some(Ok(shown)) => crate::PasskeyWord::Verified(shown),
                    Some(Err(problem)) => crate::PasskeyWord::Wrong(*problem),
                },
            },
            nonce: &self.nonce,
        }
    }

    pub(crate) fn decide(&self, policy: &Policy, known: &Known) -> Decision {
        decide(&self.attempt(), policy, known, NOW)
    }

    pub(crate) fn admitted(&self, policy: &Policy, known: &Known) -> Admission {
        match self.decide(policy, known) {
            Decision::Accept(admission) => admission,
            other => panic!("not admitted: {other:?}"),
        }
    }

    pub(crate) fn refused(&self, policy: &Policy, known: &Known) -> Refusal {
        match self.decide(policy, known) {
            Decision::Refuse(refusal) => refusal,
            other => panic!("not refused: {other:?}"),
        }
    }

    pub(crate) fn pairs(&self, policy: &Policy, known: &Known) -> PairingNeeded {
        match self.decide(policy, known) {
            Decision::Pair(needed) => needed,
            other => panic!("no pairing: {other:?}"),
        }
    }

    pub(crate) fn code(&self, policy: &Policy, known: &Known) -> String {
        self.refused(policy, known).error.details.code.into_owned()
    }
}

pub(crate) fn sign(key: &SigningKey, text: &str) -> String {
    URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()).to_bytes())
}

/// An admitted device with the given scopes, for the operator role, without token.
pub(crate) fn approved(key: &SigningKey, scopes: &[&str]) -> Device {
    approved_as(key, &id_of(key), scopes)
}

pub(crate) fn approved_as(key: &SigningKey, id: &str, scopes: &[&str]) -> Device {
    Device {
        device_id: DeviceId::new(id).unwrap(),
        public_key: device::encode_public_key(key.verifying_key().as_bytes()),
        display_name: None,
        platform: Some("linux".to_owned()),
        device_family: None,
        client_id: None,
        client_mode: None,
        roles: vec![Role::Operator],
        scopes: Scopes::parse(scopes.iter().copied()),
        remote_ip: None,
        owner: crate::SHARED_OWNER.to_owned(),
        approved_via: "operator".to_owned(),
        created_at: 1,
        approved_at: 1,
        last_seen_at: None,
        tokens: Vec::new(),
        revision: 0,
    }
}

/// A live token of an hour for the operator role.
pub(crate) fn token(text: &str, scopes: &[&str]) -> DeviceToken {
    DeviceToken {
        role: Role::Operator,
        hash: hash_token(text),
        scopes: Scopes::parse(scopes.iter().copied()),
        created_at: 1,
        rotated_at: None,
        revoked_at: None,
        last_used_at: None,
        expires_at: NOW + 3_600_000,
    }
}

pub(crate) fn with_token(mut device: Device, token: DeviceToken) -> Known {
    assert!(tokens::token_for(&device, token.role).is_none(), "one token per role");
    device.tokens.push(token);
    Known(vec![device])
}

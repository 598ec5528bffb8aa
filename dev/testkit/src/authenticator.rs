//! An authenticator in software, with the browser in front of it: makes passkeys and shows them, as it is told to.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// User present, and verified.
const FLAGS: u8 = 0b101;
const WITH_CREDENTIAL: u8 = 0b100_0000;

/// One authenticator with one passkey, of a key on P-256.
#[derive(Debug)]
pub struct Authenticator {
    key: EcdsaKeyPair,
    credential_id: Vec<u8>,
    user_handle: String,
    /// The page that asks.
    pub origin: String,
    /// The host that it says it answers for, in the place of the one that was asked about.
    pub rp_id: Option<String>,
    /// Signatures so far; it counts on with each.
    pub count: u32,
    /// What it says about its user.
    pub flags: u8,
}

impl Authenticator {
    /// One whose browser shows this page.
    ///
    /// # Panics
    /// When there is no randomness.
    #[must_use]
    pub fn at(origin: &str) -> Self {
        Self {
            key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key"),
            credential_id: b"one software passkey".to_vec(),
            user_handle: String::new(),
            origin: origin.to_owned(),
            rp_id: None,
            count: 0,
            flags: FLAGS,
        }
    }

    /// What `navigator.credentials.create` gives for the `publicKey` of `passkeys.register.begin`.
    ///
    /// # Panics
    /// When the options have no user.
    pub fn create(&mut self, options: &Value) -> Value {
        options["user"]["id"].as_str().expect("a user").clone_into(&mut self.user_handle);
        let point = self.key.public_key().as_ref();
        let key = Cbor::Map(vec![
            (1.into(), 2.into()),
            (3.into(), (-7).into()),
            ((-1).into(), 1.into()),
            ((-2).into(), Cbor::Bytes(point[1..33].to_vec())),
            ((-3).into(), Cbor::Bytes(point[33..].to_vec())),
        ]);
        let length = u16::try_from(self.credential_id.len()).expect("a short name").to_be_bytes();
        let credential = [&[0; 16][..], &length, &self.credential_id, &bytes(&key)].concat();
        let rp_id = options["rp"]["id"].as_str().expect("a host");
        let data = self.data(rp_id, self.flags | WITH_CREDENTIAL, &credential);
        let object = Cbor::Map(vec![
            (Cbor::Text("fmt".to_owned()), Cbor::Text("none".to_owned())),
            (Cbor::Text("attStmt".to_owned()), Cbor::Map(Vec::new())),
            (Cbor::Text("authData".to_owned()), Cbor::Bytes(data)),
        ]);
        let client = self.client_data("webauthn.create", options);
        json!({
            "id": text(&self.credential_id), "rawId": text(&self.credential_id), "type": "public-key",
            "response": {
                "clientDataJSON": text(&client), "attestationObject": text(&bytes(&object)), "transports": ["internal"],
            },
        })
    }

    /// What `navigator.credentials.get` gives for the `publicKey` of a refusal.
    ///
    /// # Panics
    /// When the options name no host.
    pub fn get(&mut self, options: &Value) -> Value {
        self.count += 1;
        let client = self.client_data("webauthn.get", options);
        let data = self.data(options["rpId"].as_str().expect("a host"), self.flags, &[]);
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let signature = self.key.sign(&SystemRandom::new(), &signed).expect("a signature");
        json!({
            "id": text(&self.credential_id), "rawId": text(&self.credential_id), "type": "public-key",
            "response": {
                "clientDataJSON": text(&client), "authenticatorData": text(&data),
                "signature": text(signature.as_ref()), "userHandle": self.user_handle,
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        json!({ "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": false })
            .to_string()
            .into_bytes()
    }

    fn data(&self, rp_id: &str, flags: u8, credential: &[u8]) -> Vec<u8> {
        let hash: [u8; 32] = Sha256::digest(self.rp_id.as_deref().unwrap_or(rp_id)).into();
        [&hash[..], &[flags], &self.count.to_be_bytes(), credential].concat()
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes(value: &Cbor) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a value that can be written");
    bytes
}

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use ciborium::{Value, cbor};
use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;

use super::*;

const EXPECTED: Expected<'static> =
    Expected { challenge: "Y2hhbGxlbmdl", origin: "https://gateway.lan:18789", rp_id: "gateway.lan" };
const PRESENT_AND_VERIFIED: u8 = 0b101;

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn bytes_of(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

enum Key {
    P256(EcdsaKeyPair),
    Ed25519(SigningKey),
}

impl Key {
    fn p256() -> Self {
        Self::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap())
    }

    fn ed25519() -> Self {
        Self::Ed25519(SigningKey::from_bytes(&[7; 32]))
    }

    fn cose(&self) -> Value {
        match self {
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                cbor!({ 1 => 2, 3 => -7, -1 => 1, -2 => Value::Bytes(point[1..33].to_vec()), -3 => Value::Bytes(point[33..].to_vec()) })
                    .unwrap()
            }
            Self::Ed25519(key) => {
                let x = Value::Bytes(key.verifying_key().to_bytes().to_vec());
                cbor!({ 1 => 1, 3 => -8, -1 => 6, -2 => x }).unwrap()
            }
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).to_bytes().to_vec(),
        }
    }
}

/// One answer of an authenticator, each part of which a test may spoil.
#[derive(Clone)]
struct Said {
    kind: &'static str,
    challenge: &'static str,
    origin: &'static str,
    more: &'static str,
    rp_id: &'static str,
    flags: u8,
    count: u32,
    behind: Vec<u8>,
}

impl Said {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            challenge: EXPECTED.challenge,
            origin: EXPECTED.origin,
            more: "",
            rp_id: EXPECTED.rp_id,
            flags: PRESENT_AND_VERIFIED,
            count: 0,
            behind: Vec::new(),
        }
    }

    fn client_data(&self) -> Vec<u8> {
        let Self { kind, challenge, origin, more, .. } = self;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#).into_bytes()
    }

    fn data(&self, credential: &[u8]) -> Vec<u8> {
        let hash: [u8; 32] = Sha256::digest(self.rp_id).into();
        [&hash[..], &[self.flags], &self.count.to_be_bytes(), credential, &self.behind].concat()
    }

    fn assert(&self, key: &Key) -> Result<u32, Problem> {
        self.assert_after(key, 0)
    }

    fn assert_after(&self, key: &Key, sign_count: u32) -> Result<u32, Problem> {
        let (client, data) = (self.client_data(), self.data(&[]));
        let signature = key.sign(&[&data[..], &Sha256::digest(&client)].concat());
        let sent = Assertion {
            client_data: &b64(&client),
            authenticator_data: &b64(&data),
            signature: &b64(&signature),
            user_handle: Some("aGFuZGxl"),
        };
        let public_key = b64(bytes_of(&key.cose()));
        let known = Known { public_key: &public_key, user_handle: "aGFuZGxl", sign_count };
        authenticate(&sent, &known, &EXPECTED)
    }

    fn register(&self, key: &Value, attestation: impl FnOnce(&[u8]) -> Value) -> Result<Registered, Problem> {
        let id = [9; 20];
        let credential = [&[0; 16][..], &20u16.to_be_bytes(), &id, &bytes_of(key)].concat();
        let data = Self { flags: self.flags | 0b0100_0000, ..self.clone() }.data(&credential);
        let client = self.client_data();
        let mut object = attestation(&[&data[..], &Sha256::digest(&client)].concat()).into_map().unwrap();
        object.push((Value::Text("authData".to_owned()), Value::Bytes(data)));
        let sent = Attestation { client_data: &b64(&client), attestation_object: &b64(bytes_of(&Value::Map(object))) };
        register(&sent, &EXPECTED)
    }
}

fn none(_: &[u8]) -> Value {
    cbor!({ "fmt" => "none", "attStmt" => {} }).unwrap()
}

#[test]
fn a_passkey_is_registered_and_shown() {
    for key in [Key::p256(), Key::ed25519()] {
        let kept = Said { count: 3, ..Said::new("webauthn.create") }.register(&key.cose(), none).unwrap();
        assert_eq!((kept.sign_count, kept.credential_id.as_str()), (3, b64([9; 20]).as_str()));
        assert_eq!(kept.public_key, b64(bytes_of(&key.cose())));
        assert_eq!(Said { count: 4, ..Said::new("webauthn.get") }.assert_after(&key, kept.sign_count), Ok(4));
    }
}

#[test]
fn what_stands_behind_a_new_key_is_no_part_of_it() {
    let key = Key::p256();
    let extensions = bytes_of(&cbor!({ "credProtect" => 2 }).unwrap());
    let said = Said { flags: PRESENT_AND_VERIFIED | 0b1000_0000, behind: extensions, ..Said::new("webauthn.create") };
    assert_eq!(said.register(&key.cose(), none).unwrap().public_key, b64(bytes_of(&key.cose())));
}

#[test]
fn an_rsa_key_of_a_platform_authenticator_is_understood() {
    use aws_lc_rs::{
        rsa::{KeyPair as RsaKeyPair, KeySize},
        signature::RSA_PKCS1_SHA256,
    };
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let part = |number: aws_lc_rs::io::Positive<'_>| Value::Bytes(number.big_endian_without_leading_zero().to_vec());
    let (n, e) = (part(pair.public_key().modulus()), part(pair.public_key().exponent()));
    let cose = bytes_of(&cbor!({ 1 => 3, 3 => -257, -1 => n, -2 => e }).unwrap());
    let key = PublicKey::read(&cose).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"text", &mut signature).unwrap();
    assert_eq!(key.verify(b"text", &signature), Ok(()));
    assert_eq!(key.verify(b"another", &signature), Err(Problem::Signature));
    let short = cbor!({ 1 => 3, 3 => -257, -1 => Value::Bytes(vec![0xff; 128]), -2 => Value::Bytes(vec![1, 0, 1]) });
    assert!(PublicKey::read(&bytes_of(&short.unwrap())).is_err());
}

#[test]
fn each_thing_that_is_not_as_it_must_be_is_refused() {
    let key = Key::p256();
    let right = || Said::new("webauthn.get");
    let data = Problem::Malformed("authenticatorData");
    let client = Problem::Malformed("clientDataJSON");
    for (said, problem) in [
        (Said { kind: "webauthn.create", ..right() }, Problem::Type),
        (Said { challenge: "YW5vdGhlcg", ..right() }, Problem::Challenge),
        (Said { origin: "https://gateway.lan", ..right() }, Problem::Origin),
        (Said { origin: "https://evil.example", ..right() }, Problem::Origin),
        (Said { more: r#","crossOrigin":true"#, ..right() }, Problem::Origin),
        (Said { more: r#","tokenBinding":{"status":"present","id":"x"}"#, ..right() }, client),
        (Said { more: r#","type":"webauthn.get""#, ..right() }, client),
        (Said { rp_id: "lan", ..right() }, Problem::RpId),
        (Said { flags: 0b100, ..right() }, Problem::Presence),
        (Said { flags: 0b001, ..right() }, Problem::Verification),
        (Said { flags: PRESENT_AND_VERIFIED | 0b1_0000, ..right() }, data),
        (Said { behind: vec![0], ..right() }, data),
        (Said { flags: PRESENT_AND_VERIFIED | 0b1000_0000, behind: vec![1], ..right() }, data),
        (Said { flags: PRESENT_AND_VERIFIED | 0b0100_0000, behind: vec![0; 18], ..right() }, data),
    ] {
        assert_eq!(said.assert(&key), Err(problem), "{} {:?}", said.kind, said.more);
        let create = if said.kind == "webauthn.create" { "webauthn.get" } else { "webauthn.create" };
        if said.flags & 0b0100_0000 == 0 {
            let registered = Said { kind: create, ..said.clone() }.register(&key.cose(), none);
            assert_eq!(registered, Err(problem), "{create} {:?}", said.more);
        }
    }
    for fine in [r#","crossOrigin":false"#, r#","tokenBinding":{"status":"supported"}"#, r#","other_keys":[1]"#] {
        assert_eq!(Said { more: fine, ..right() }.assert(&key), Ok(0), "{fine}");
    }
    let extensions = bytes_of(&cbor!({ "credProps" => true }).unwrap());
    let said = Said { flags: PRESENT_AND_VERIFIED | 0b1001_1000, behind: extensions, ..right() };
    assert_eq!(said.assert(&key), Ok(0));
}

#[test]
fn a_count_that_does_not_grow_tells_of_a_copy() {
    let key = Key::ed25519();
    let shown = |count, known| Said { count, ..Said::new("webauthn.get") }.assert_after(&key, known);
    assert_eq!([shown(5, 4), shown(0, 0)], [Ok(5), Ok(0)]);
    assert_eq!([shown(4, 4), shown(3, 4), shown(0, 4)], [Err(Problem::Cloned); 3]);
}

#[test]
fn another_key_or_another_owner_is_refused() {
    let (client, data) = (Said::new("webauthn.get").client_data(), Said::new("webauthn.get").data(&[]));
    let signature = b64(Key::ed25519().sign(&[&data[..], &Sha256::digest(&client)].concat()));
    let (client, data) = (b64(client), b64(data));
    let sent = |handle| Assertion {
        client_data: &client,
        authenticator_data: &data,
        signature: &signature,
        user_handle: handle,
    };
    let own = b64(bytes_of(&Key::ed25519().cose()));
    let foreign = b64(bytes_of(&Key::p256().cose()));
    let known = |public_key| Known { public_key, user_handle: "aGFuZGxl", sign_count: 0 };
    let shown = |handle, key| authenticate(&sent(handle), &known(key), &EXPECTED);
    assert_eq!([shown(None, own.as_str()), shown(Some(""), own.as_str())], [Ok(0); 2]);
    assert_eq!(shown(Some("b3RoZXI"), own.as_str()), Err(Problem::Unknown));
    assert_eq!(shown(None, foreign.as_str()), Err(Problem::Signature));
}

#[test]
fn an_attestation_says_nothing_or_is_by_the_key_itself() {
    let key = Key::p256();
    let said = Said::new("webauthn.create");
    let packed = |alg: i64, signature: Vec<u8>| {
        let signature = Value::Bytes(signature);
        cbor!({ "fmt" => "packed", "attStmt" => { "alg" => alg, "sig" => signature } }).unwrap()
    };
    assert!(said.register(&key.cose(), |signed| packed(-7, key.sign(signed))).is_ok());
    let cases: [(Result<Registered, Problem>, Problem); 5] = [
        (said.register(&key.cose(), |signed| packed(-8, key.sign(signed))), Problem::Attestation),
        (said.register(&key.cose(), |_| packed(-7, key.sign(b"another"))), Problem::Signature),
        (
            said.register(&key.cose(), |_| cbor!({ "fmt" => "none", "attStmt" => { "x" => 1 } }).unwrap()),
            Problem::Attestation,
        ),
        (said.register(&key.cose(), |_| cbor!({ "fmt" => "tpm", "attStmt" => {} }).unwrap()), Problem::Attestation),
        (said.register(&key.cose(), |_| cbor!({ "fmt" => "none" }).unwrap()), Problem::Malformed("attestationObject")),
    ];
    for (got, wanted) in cases {
        assert_eq!(got, Err(wanted));
    }
}

#[test]
fn keys_of_other_kinds_and_points_off_the_curve_are_none() {
    let off = Value::Bytes(vec![1; 32]);
    let small = Value::Bytes([&[1][..], &[0; 31]].concat());
    for key in [
        cbor!({ 1 => 2, 3 => -7, -1 => 1, -2 => off.clone(), -3 => off.clone() }).unwrap(),
        cbor!({ 1 => 2, 3 => -35, -1 => 2, -2 => off.clone(), -3 => off.clone() }).unwrap(),
        cbor!({ 1 => 1, 3 => -8, -1 => 6, -2 => small }).unwrap(),
        cbor!({ 1 => 1, 3 => -8, -1 => 6, -2 => "text" }).unwrap(),
        cbor!({}).unwrap(),
        Value::Map(vec![(1.into(), 1.into()), (1.into(), 1.into())]),
        Value::Bytes(vec![1]),
    ] {
        assert_eq!(Said::new("webauthn.create").register(&key, none), Err(Problem::Key), "{key:?}");
    }
}

#[test]
fn fields_are_bounded_and_no_length_is_believed() {
    let long = "A".repeat(20_000);
    let sent = Attestation { client_data: &long, attestation_object: &long };
    assert_eq!(register(&sent, &EXPECTED), Err(Problem::Malformed("clientDataJSON")));
    let nested = b64([&[0x81; 4000][..], &[0]].concat());
    let client = b64(Said::new("webauthn.create").client_data());
    for object in [nested.as_str(), &b64([0x9b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), ""] {
        let sent = Attestation { client_data: &client, attestation_object: object };
        assert_eq!(register(&sent, &EXPECTED), Err(Problem::Malformed("attestationObject")));
    }
    assert_eq!(challenge_of(&client).as_deref(), Ok(EXPECTED.challenge));
}

#[test]
fn the_host_of_an_origin_has_no_port() {
    let hosts = ["http://localhost:18789", "https://Gateway.LAN", "http://[::1]:8080", "null", "https://"].map(host_of);
    let wanted = [Some("localhost"), Some("gateway.lan"), Some("::1"), None, None];
    assert_eq!(hosts.each_ref().map(Option::as_deref), wanted);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(client in any::<Vec<u8>>(), object in any::<Vec<u8>>()) {
        let right = Said::new("webauthn.create").client_data();
        for client in [&client, &right] {
            let sent = Attestation { client_data: &b64(client), attestation_object: &b64(&object) };
            prop_assert!(register(&sent, &EXPECTED).is_err());
        }
        prop_assert!(AuthenticatorData::read(&object).is_err() || object.len() == 37);
        prop_assert!(PublicKey::read(&object).is_err());
    }
}

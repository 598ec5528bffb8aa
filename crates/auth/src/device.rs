//! Device keys and signatures (PROTOCOL §3.5).

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::URL_SAFE_NO_PAD},
};
use ed25519_dalek::{Signature, VerifyingKey};
use openclaw_core::{hex, record::Device};
use openclaw_protocol::{
    DeviceId, Dialect,
    device_payload::{DevicePayload, PayloadVersion, token_slot},
    limits::SIGNATURE_SKEW_MS,
};
use sha2::{Digest, Sha256};

use crate::{
    attempt::{Attempt, DeviceProof},
    policy::Policy,
    refusal::DeviceProblem,
};

/// What an Ed25519 key looks like in SubjectPublicKeyInfo, before its 32 bytes (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// Longest text of a key that is looked at, bytes; a PEM block has about 120.
const KEY_TEXT_BYTES: usize = 512;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A device that proved that it holds its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ProvenDevice {
    pub(crate) id: DeviceId,
    /// base64url without padding.
    pub(crate) public_key: String,
}

/// The id of a device: hex SHA-256 of its raw public key.
#[must_use]
pub fn device_id(public_key: &[u8; 32]) -> String {
    hex(&Sha256::digest(public_key))
}

/// Reads a public key as clients write it: base64url or base64 of the 32 raw bytes, or PEM SPKI. `None` when it is neither.
#[must_use]
pub fn decode_public_key(text: &str) -> Option<[u8; 32]> {
    (text.len() <= KEY_TEXT_BYTES).then_some(())?;
    let text = text.trim();
    if let Some(rest) = text.strip_prefix("-----BEGIN PUBLIC KEY-----") {
        let body = rest.strip_suffix("-----END PUBLIC KEY-----")?;
        let body: String = body.split_ascii_whitespace().collect();
        return decode(&body)?.strip_prefix(&SPKI_PREFIX)?.try_into().ok();
    }
    decode(text)?.try_into().ok()
}

/// The form in which a key is kept: base64url without padding.
#[must_use]
pub fn encode_public_key(key: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.replace('+', "-").replace('/', "_")).ok()
}

/// A key that is fit for signatures: a canonical point that is not of small order.
fn verifying_key(bytes: &[u8; 32]) -> Option<VerifyingKey> {
    // The field's prime is 2^255 - 19: everything from 0x7f…ff_ed on is a second spelling of a smaller number.
    let [first, middle @ .., last] = bytes;
    let canonical = last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *first < 0xed;
    let key = VerifyingKey::from_bytes(bytes).ok()?;
    (canonical && !key.is_weak()).then_some(key)
}

/// Whether a signature over a text is by the key, and the only one that the key could have made of it so.
fn is_signed(key: &VerifyingKey, text: &[u8], signature: &[u8]) -> bool {
    Signature::from_slice(signature).is_ok_and(|signature| key.verify_strict(text, &signature).is_ok())
}

/// Whether the id may stand for the key: its hash, or in dialects 1 and 3 a free word of spec 001 (pinned by the caller).
fn id_fits(id: &str, key: &[u8; 32], dialect: Dialect) -> bool {
    let is_free = dialect != Dialect::V4
        && id.strip_prefix("device-").is_some_and(|rest| {
            (8..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    is_free || id == device_id(key)
}

/// Checks a device's proof: id, time, nonce, key, signature, in the order of PROTOCOL §3.5.
/// `known` is the admitted device with this id; its key never changes.
pub(crate) fn verify(
    attempt: &Attempt<'_>,
    proof: &DeviceProof<'_>,
    known: Option<&Device>,
    policy: &Policy,
    now_ms: i64,
) -> Result<ProvenDevice, DeviceProblem> {
    let id = DeviceId::new(proof.id).map_err(|_| DeviceProblem::Id)?;
    let bytes = decode_public_key(proof.public_key).ok_or(DeviceProblem::Id)?;
    if !id_fits(proof.id, &bytes, attempt.dialect) {
        return Err(DeviceProblem::Id);
    }
    let public_key = encode_public_key(&bytes);
    if known.is_some_and(|known| known.public_key != public_key) {
        return Err(DeviceProblem::Id);
    }
    if now_ms.abs_diff(proof.signed_at) > SIGNATURE_SKEW_MS.unsigned_abs() {
        return Err(DeviceProblem::Expired);
    }
    let binding = binding(attempt, proof, policy)?;
    let key = verifying_key(&bytes).ok_or(DeviceProblem::Key)?;
    let signature = decode(proof.signature.trim()).ok_or(DeviceProblem::Signature)?;
    let signed = texts(attempt, proof, binding).any(|text| is_signed(&key, text.as_bytes(), &signature));
    if signed { Ok(ProvenDevice { id, public_key }) } else { Err(DeviceProblem::Signature) }
}

/// What ties the signature to this connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Binding {
    Nonce,
    /// Nothing but the clock: the compatibility switch for clients from before the nonce.
    TimeOnly,
}

fn binding(attempt: &Attempt<'_>, proof: &DeviceProof<'_>, policy: &Policy) -> Result<Binding, DeviceProblem> {
    match proof.nonce.map(str::trim).filter(|nonce| !nonce.is_empty()) {
        _ if attempt.nonce.is_empty() => Err(DeviceProblem::NonceMissing),
        Some(nonce) if nonce == attempt.nonce => Ok(Binding::Nonce),
        Some(_) => Err(DeviceProblem::NonceMismatch),
        // Spec 003's object has no nonce; its signature text has.
        None if attempt.dialect == Dialect::V1 => Ok(Binding::Nonce),
        None if policy.signature_v1 && attempt.is_direct() && attempt.dialect == Dialect::V3 => Ok(Binding::TimeOnly),
        None => Err(DeviceProblem::NonceMissing),
    }
}

/// The texts that count as signed, newest first.
fn texts(attempt: &Attempt<'_>, proof: &DeviceProof<'_>, binding: Binding) -> impl Iterator<Item = String> {
    let sent = &attempt.credentials;
    let payload = DevicePayload {
        device_id: proof.id,
        client_id: attempt.client.id,
        client_mode: attempt.client.mode,
        role: attempt.role_word(),
        scopes: attempt.scopes.unwrap_or_default(),
        signed_at_ms: proof.signed_at,
        token: token_slot(&[sent.token, sent.device_token, sent.bootstrap_token, sent.cached_device_token]),
        nonce: attempt.nonce,
        platform: attempt.client.platform,
        device_family: attempt.client.device_family,
    };
    let nonce_as_token = DevicePayload { token: attempt.nonce, ..payload };
    // Spec 003's builder is called without the client's mode.
    let printed = DevicePayload { client_mode: "", ..nonce_as_token };
    let candidates: &[(DevicePayload<'_>, PayloadVersion)] = match (binding, attempt.dialect) {
        (Binding::TimeOnly, _) => &[(payload, PayloadVersion::V1)],
        (Binding::Nonce, Dialect::V3 | Dialect::V4) => &[(payload, PayloadVersion::V3), (payload, PayloadVersion::V2)],
        (Binding::Nonce, Dialect::V1) => &[
            (payload, PayloadVersion::V3),
            (payload, PayloadVersion::V2),
            (nonce_as_token, PayloadVersion::V1),
            (printed, PayloadVersion::V1),
        ],
    };
    candidates.iter().map(|(payload, version)| payload.text(*version)).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests;

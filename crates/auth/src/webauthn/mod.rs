//! Passkeys: what an authenticator must have said so that somebody counts as present (WebAuthn level 2, §7.1 and §7.2).
//!
//! Both ceremonies are functions over what was sent and what was expected. The challenge must be looked up, and used up, before.
//! Attestation is `none`: which make an authenticator is of is not asked, so nothing of that is believed either.

mod authenticator;
mod client_data;
mod cose;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

pub use client_data::challenge_of;
pub use cose::ALGORITHMS;

use authenticator::AuthenticatorData;
use client_data::Ceremony;
use cose::PublicKey;

/// Bytes of a challenge; WebAuthn asks for 16 at least.
pub const CHALLENGE_BYTES: usize = 32;
/// Longest identifier of a credential, bytes.
pub const MAX_CREDENTIAL_ID: usize = 1023;
/// Most bytes of each field that an authenticator or a browser sends, decoded.
pub const MAX_FIELD: usize = 8 * 1024;

/// What an answer must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The challenge, base64url, as it was given out.
    pub challenge: &'a str,
    /// Origin of the page that speaks, as its browser says in the `Origin` header, after [`crate::origin::check`].
    pub origin: &'a str,
    /// The host for which the passkey works.
    pub rp_id: &'a str,
}

/// `navigator.credentials.create` gave this; every field is base64url.
#[derive(Clone, Copy)]
pub struct Attestation<'a> {
    /// `response.clientDataJSON`.
    pub client_data: &'a str,
    /// `response.attestationObject`.
    pub attestation_object: &'a str,
}

/// `navigator.credentials.get` gave this; every field is base64url.
#[derive(Clone, Copy)]
pub struct Assertion<'a> {
    /// `response.clientDataJSON`.
    pub client_data: &'a str,
    /// `response.authenticatorData`.
    pub authenticator_data: &'a str,
    /// `response.signature`.
    pub signature: &'a str,
    /// `response.userHandle`, which authenticators may leave out.
    pub user_handle: Option<&'a str>,
}

/// A passkey that may be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The authenticator's name for it, base64url.
    pub credential_id: String,
    /// Its public key as COSE_Key, base64url.
    pub public_key: String,
    /// What its authenticator counted.
    pub sign_count: u32,
}

/// What is kept of the passkey that an assertion names.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// As [`Registered::public_key`].
    pub public_key: &'a str,
    /// What was given to its authenticator when it was made, base64url.
    pub user_handle: &'a str,
    /// The last count.
    pub sign_count: u32,
}

/// Why an answer of an authenticator does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Something of it cannot be read.
    #[error("{0} is malformed")]
    Malformed(&'static str),
    /// It was made for something else than what is done here.
    #[error("it was made for another purpose")]
    Type,
    /// The challenge is unknown, was used, or is over.
    #[error("its challenge is unknown, was used already, or is over")]
    Challenge,
    /// The browser made it for another page.
    #[error("it was made on another page")]
    Origin,
    /// The authenticator made it for another host.
    #[error("it was made for another host")]
    RpId,
    /// Nobody touched the authenticator.
    #[error("nobody was present at the authenticator")]
    Presence,
    /// The authenticator did not check who it was.
    #[error("the authenticator did not verify its user")]
    Verification,
    /// A kind of key that is not known, or a key that is none.
    #[error("its key is of no kind that is known here")]
    Key,
    /// An attestation that nobody asked for and that cannot be checked.
    #[error("its attestation is of no kind that is known here")]
    Attestation,
    /// The signature is not by the key.
    #[error("its signature is wrong")]
    Signature,
    /// The count of signatures did not grow: two authenticators hold the key.
    #[error("its count of signatures went back, so another authenticator holds the same key")]
    Cloned,
    /// No such passkey is registered.
    #[error("no such passkey is registered")]
    Unknown,
}

impl Problem {
    /// The word of the audit.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Malformed(_) => "passkey_malformed",
            Self::Type => "passkey_type",
            Self::Challenge => "passkey_challenge",
            Self::Origin => "passkey_origin",
            Self::RpId => "passkey_rp_id",
            Self::Presence => "passkey_user_presence",
            Self::Verification => "passkey_user_verification",
            Self::Key => "passkey_key",
            Self::Attestation => "passkey_attestation",
            Self::Signature => "passkey_signature",
            Self::Cloned => "passkey_cloned",
            Self::Unknown => "passkey_unknown",
        }
    }
}

/// Checks a new passkey (§7.1).
///
/// # Errors
/// [`Problem`] with the first thing that is wrong.
pub fn register(sent: &Attestation<'_>, expected: &Expected<'_>) -> Result<Registered, Problem> {
    let client_data = decode(sent.client_data, "clientDataJSON")?;
    client_data::check(&client_data, Ceremony::Create, expected)?;
    let object = decode(sent.attestation_object, "attestationObject")?;
    let object = authenticator::AttestationObject::read(&object)?;
    let data = AuthenticatorData::read(&object.auth_data)?;
    data.check(expected.rp_id)?;
    let credential = data.credential.ok_or(Problem::Malformed("authenticatorData"))?;
    let key = PublicKey::read(&credential.public_key)?;
    let mut signed = object.auth_data.clone();
    signed.extend_from_slice(&Sha256::digest(&client_data));
    object.check(&key, &signed)?;
    Ok(Registered {
        credential_id: URL_SAFE_NO_PAD.encode(&credential.id),
        public_key: URL_SAFE_NO_PAD.encode(&credential.public_key),
        sign_count: data.sign_count,
    })
}

/// Checks that a registered passkey was shown (§7.2), and returns what its authenticator counted.
///
/// # Errors
/// [`Problem`] with the first thing that is wrong.
pub fn authenticate(sent: &Assertion<'_>, known: &Known<'_>, expected: &Expected<'_>) -> Result<u32, Problem> {
    // A browser may say an empty one in the place of none.
    if let Some(handle) = sent.user_handle.filter(|handle| !handle.is_empty())
        && decode(handle, "userHandle")? != decode(known.user_handle, "userHandle")?
    {
        return Err(Problem::Unknown);
    }
    let client_data = decode(sent.client_data, "clientDataJSON")?;
    client_data::check(&client_data, Ceremony::Get, expected)?;
    let bytes = decode(sent.authenticator_data, "authenticatorData")?;
    let data = AuthenticatorData::read(&bytes)?;
    data.check(expected.rp_id)?;
    let key = PublicKey::read(&decode(known.public_key, "public key")?)?;
    let mut signed = bytes.clone();
    signed.extend_from_slice(&Sha256::digest(&client_data));
    key.verify(&signed, &decode(sent.signature, "signature")?)?;
    let counts = data.sign_count > known.sign_count || data.sign_count == 0 && known.sign_count == 0;
    if counts { Ok(data.sign_count) } else { Err(Problem::Cloned) }
}

/// The host of an origin, which is what passkeys of its page work for unless something else is configured.
#[must_use]
pub fn host_of(origin: &str) -> Option<String> {
    let (_, rest) = origin.split_once("://")?;
    let host = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => rest.split(':').next()?,
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Reads base64url, with or without padding.
fn decode(text: &str, name: &'static str) -> Result<Vec<u8>, Problem> {
    let text = text.trim_end_matches('=');
    if text.len() > MAX_FIELD.div_ceil(3) * 4 {
        return Err(Problem::Malformed(name));
    }
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Problem::Malformed(name))
}

#[cfg(test)]
mod tests;

//! What the authenticator says: for which host, who was there, and its new key.

use ciborium::Value;
use sha2::{Digest, Sha256};

use super::{MAX_CREDENTIAL_ID, Problem, cose::PublicKey};

const USER_PRESENT: u8 = 1 << 0;
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HAS_CREDENTIAL: u8 = 1 << 6;
const HAS_EXTENSIONS: u8 = 1 << 7;
/// Nothing that is read here is nested deeper.
const DEPTH: usize = 8;

const DATA: Problem = Problem::Malformed("authenticatorData");
const OBJECT: Problem = Problem::Malformed("attestationObject");

/// Authenticator data, §6.1.
pub(super) struct AuthenticatorData {
    rp_id_hash: [u8; 32],
    flags: u8,
    pub(super) sign_count: u32,
    pub(super) credential: Option<Credential>,
}

/// A key that was made.
pub(super) struct Credential {
    pub(super) id: Vec<u8>,
    /// COSE_Key, as it stands there.
    pub(super) public_key: Vec<u8>,
}

impl AuthenticatorData {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = bytes;
        let rp_id_hash = *take::<32>(&mut rest)?;
        let [flags] = *take::<1>(&mut rest)?;
        let sign_count = u32::from_be_bytes(*take::<4>(&mut rest)?);
        let credential = if flags & HAS_CREDENTIAL == 0 { None } else { Some(credential(&mut rest)?) };
        if flags & HAS_EXTENSIONS != 0 && !cbor(&mut rest).ok_or(DATA)?.is_map() {
            return Err(DATA);
        }
        if rest.is_empty() { Ok(Self { rp_id_hash, flags, sign_count, credential }) } else { Err(DATA) }
    }

    pub(super) fn check(&self, rp_id: &str) -> Result<(), Problem> {
        if self.rp_id_hash != *Sha256::digest(rp_id) {
            return Err(Problem::RpId);
        }
        if self.flags & USER_PRESENT == 0 {
            return Err(Problem::Presence);
        }
        if self.flags & USER_VERIFIED == 0 {
            return Err(Problem::Verification);
        }
        // What may not be copied is not copied (level 3, §7.2).
        if self.flags & BACKED_UP != 0 && self.flags & BACKUP_ELIGIBLE == 0 {
            return Err(DATA);
        }
        Ok(())
    }
}

fn credential(rest: &mut &[u8]) -> Result<Credential, Problem> {
    // The make of the authenticator, which nobody vouches for.
    take::<16>(rest)?;
    let length = usize::from(u16::from_be_bytes(*take::<2>(rest)?));
    if length == 0 || length > MAX_CREDENTIAL_ID {
        return Err(DATA);
    }
    let (id, after) = rest.split_at_checked(length).ok_or(DATA)?;
    *rest = after;
    cbor(rest).ok_or(DATA)?;
    let public_key = after.get(..after.len() - rest.len()).ok_or(DATA)?;
    Ok(Credential { id: id.to_vec(), public_key: public_key.to_vec() })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Result<&'a [u8; N], Problem> {
    let (taken, after) = rest.split_first_chunk().ok_or(DATA)?;
    *rest = after;
    Ok(taken)
}

/// Reads one value and leaves what follows it.
pub(super) fn cbor(rest: &mut &[u8]) -> Option<Value> {
    ciborium::de::from_reader_with_recursion_limit(rest, DEPTH).ok()
}

/// What `create` gave, §6.5.4.
pub(super) struct AttestationObject {
    format: String,
    statement: Vec<(Value, Value)>,
    pub(super) auth_data: Vec<u8>,
}

impl AttestationObject {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Problem> {
        let mut rest = bytes;
        let members = cbor(&mut rest).and_then(|value| value.into_map().ok()).ok_or(OBJECT)?;
        if !rest.is_empty() {
            return Err(OBJECT);
        }
        let (mut format, mut statement, mut auth_data) = (None, None, None);
        for (name, value) in members {
            let twice = match name.as_text() {
                Some("fmt") => format.replace(value.into_text().map_err(|_| OBJECT)?).is_some(),
                Some("attStmt") => statement.replace(value.into_map().map_err(|_| OBJECT)?).is_some(),
                Some("authData") => auth_data.replace(value.into_bytes().map_err(|_| OBJECT)?).is_some(),
                _ => false,
            };
            if twice {
                return Err(OBJECT);
            }
        }
        Ok(Self {
            format: format.ok_or(OBJECT)?,
            statement: statement.ok_or(OBJECT)?,
            auth_data: auth_data.ok_or(OBJECT)?,
        })
    }

    /// Nothing was asked for, and nothing is what there must be; or the new key speaks for itself, which browsers let through.
    pub(super) fn check(&self, key: &PublicKey, signed: &[u8]) -> Result<(), Problem> {
        match (self.format.as_str(), self.statement.as_slice()) {
            ("none", []) => Ok(()),
            ("packed", [_, _]) => {
                let algorithm = self.member("alg").and_then(Value::as_integer).ok_or(Problem::Attestation)?;
                let signature = self.member("sig").and_then(Value::as_bytes).ok_or(Problem::Attestation)?;
                if i128::from(algorithm) != i128::from(key.algorithm()) {
                    return Err(Problem::Attestation);
                }
                key.verify(signed, signature)
            }
            _ => Err(Problem::Attestation),
        }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.statement.iter().find(|(known, _)| known.as_text() == Some(name)).map(|(_, value)| value)
    }
}

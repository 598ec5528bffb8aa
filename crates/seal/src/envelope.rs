//! Data keys, wrapped.

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::pbkdf2;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_core::{Ids, Secret};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{KeyError, value};

const LABEL: &str = "openclaw wrapped key 1";
/// Most data keys of one envelope.
const MAX_KEYS: usize = 64;
const SALT_LEN: usize = 16;

/// How a key comes from a passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "camelCase", deny_unknown_fields)]
pub enum Derivation {
    /// Argon2id.
    #[serde(rename = "Argon2id", rename_all = "camelCase")]
    Argon2id {
        /// Memory, KiB.
        memory_kib: u32,
        /// Passes over it.
        passes: u32,
    },
    /// PBKDF2 with HMAC-SHA-256.
    #[serde(rename = "PBKDF2")]
    Pbkdf2 {
        /// Rounds.
        iterations: u32,
    },
}

impl Default for Derivation {
    /// 64 MiB, three passes.
    fn default() -> Self {
        Self::Argon2id { memory_kib: 65_536, passes: 3 }
    }
}

impl Derivation {
    /// Rounds of PBKDF2 when nothing else is said.
    pub const ITERATIONS: u32 = 600_000;

    fn check(self) -> Result<(), &'static str> {
        match self {
            Self::Argon2id { memory_kib: 8_192..=1_048_576, passes: 1..=64 }
            | Self::Pbkdf2 { iterations: 10_000..=100_000_000 } => Ok(()),
            Self::Argon2id { .. } => Err("its Argon2id parameters are out of bounds"),
            Self::Pbkdf2 { .. } => Err("its PBKDF2 rounds are out of bounds"),
        }
    }

    fn key(self, passphrase: &Secret, salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, &'static str> {
        self.check()?;
        let mut key = Zeroizing::new([0; 32]);
        match self {
            Self::Argon2id { memory_kib, passes } => {
                let params =
                    Params::new(memory_kib, passes, 1, Some(32)).map_err(|_| "its parameters are no Argon2id's")?;
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into(passphrase.expose().as_bytes(), salt, &mut *key)
                    .map_err(|_| "its parameters are no Argon2id's")?;
            }
            Self::Pbkdf2 { iterations } => {
                let rounds = NonZeroU32::new(iterations).ok_or("its PBKDF2 rounds are out of bounds")?;
                pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, rounds, salt, passphrase.expose().as_bytes(), &mut *key);
            }
        }
        Ok(key)
    }
}

/// What wraps the data keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", deny_unknown_fields)]
pub enum Guard {
    /// `keys/master.key`, which was made by itself.
    Generated,
    /// A file that the operator keeps.
    #[serde(rename_all = "camelCase")]
    KeyFile {
        /// Where.
        path: PathBuf,
    },
    /// A passphrase.
    #[serde(rename_all = "camelCase")]
    Passphrase {
        /// How the key comes from it.
        derivation: Derivation,
        /// With which salt, base64url.
        salt: String,
    },
}

impl Guard {
    pub(crate) fn passphrase(derivation: Derivation, ids: &Ids) -> Self {
        Self::Passphrase { derivation, salt: URL_SAFE_NO_PAD.encode(ids.bytes::<SALT_LEN>()) }
    }

    /// In one word.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::KeyFile { .. } => "key-file",
            Self::Passphrase { .. } => "passphrase",
        }
    }

    /// The wrapping key that comes from this secret.
    pub(crate) fn wrapping(&self, secret: &Secret) -> Result<Zeroizing<[u8; 32]>, &'static str> {
        match self {
            // A copy of the generated key opens as a key file, too.
            Self::Generated | Self::KeyFile { .. } => {
                let mut first = Zeroizing::new([0; 32]);
                first.copy_from_slice(
                    aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.expose().as_bytes()).as_ref(),
                );
                Ok(value::derive(&first, LABEL, "file"))
            }
            Self::Passphrase { derivation, salt } => {
                let salt = URL_SAFE_NO_PAD.decode(salt).map_err(|_| "its salt is not base64url")?;
                if salt.len() < SALT_LEN {
                    return Err("its salt is too short");
                }
                derivation.key(secret, &salt)
            }
        }
    }
}

/// Data keys, wrapped by one key.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Envelope {
    version: u32,
    pub(crate) guard: Guard,
    /// When they were wrapped last, milliseconds since the epoch.
    pub(crate) wrapped_at: i64,
    /// Oldest first; new values are sealed with the last.
    keys: Vec<Wrapped>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wrapped {
    kid: String,
    created_at: i64,
    key: String,
}

/// A data key as it is in memory.
#[derive(Clone)]
pub(crate) struct Plain {
    pub(crate) kid: String,
    pub(crate) created_at: i64,
    pub(crate) key: Zeroizing<[u8; 32]>,
}

impl Plain {
    pub(crate) fn new(ids: &Ids, now_ms: i64) -> Self {
        let kid = ids.bytes::<4>().iter().map(|byte| format!("{byte:02x}")).collect();
        Self { kid, created_at: now_ms, key: Zeroizing::new(ids.bytes()) }
    }
}

impl Envelope {
    pub(crate) fn wrap(guard: Guard, wrapping: &[u8; 32], keys: &[Plain], ids: &Ids, now_ms: i64) -> Self {
        let cipher = value::gcm_key(wrapping);
        let keys = keys.iter().map(|plain| Wrapped {
            kid: plain.kid.clone(),
            created_at: plain.created_at,
            key: URL_SAFE_NO_PAD.encode(value::seal_gcm(&cipher, ids.bytes(), &bound(&plain.kid), &*plain.key)),
        });
        Self { version: 1, wrapped_at: now_ms, keys: keys.collect(), guard }
    }

    pub(crate) fn read(text: &str, path: &Path) -> Result<Self, KeyError> {
        let damaged = |why: String| KeyError::Damaged { path: path.to_owned(), why };
        let envelope: Self = serde_json::from_str(text).map_err(|error| damaged(error.to_string()))?;
        if envelope.version != 1 {
            return Err(damaged(format!("version {} is from a newer gateway", envelope.version)));
        }
        if envelope.keys.is_empty() || envelope.keys.len() > MAX_KEYS {
            return Err(damaged(format!("it has {} keys", envelope.keys.len())));
        }
        Ok(envelope)
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The data keys; `None` when the wrapping key is another one, or the envelope was changed.
    pub(crate) fn unwrap(&self, wrapping: &[u8; 32]) -> Option<Vec<Plain>> {
        let cipher = value::gcm_key(wrapping);
        let open = |wrapped: &Wrapped| {
            let body = URL_SAFE_NO_PAD.decode(&wrapped.key).ok()?;
            let opened = value::open_gcm(&cipher, &bound(&wrapped.kid), body)?;
            let key = Zeroizing::new(<[u8; 32]>::try_from(opened.as_slice()).ok()?);
            Some(Plain { kid: wrapped.kid.clone(), created_at: wrapped.created_at, key })
        };
        self.keys.iter().map(open).collect()
    }

    pub(crate) fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().map(|wrapped| wrapped.kid.as_str())
    }
}

fn bound(kid: &str) -> Vec<u8> {
    [LABEL.as_bytes(), b"\0", kid.as_bytes()].concat()
}

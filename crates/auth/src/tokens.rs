//! Device tokens: how they are kept, checked, issued and replaced (PROTOCOL §4.5).

use openclaw_core::{
    Secret, hex,
    record::{Device, DeviceToken},
};
use openclaw_protocol::{Role, Scopes};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The form in which a token is kept: hex SHA-256. Tokens are 32 random bytes, so that a plain hash suffices.
#[must_use]
pub fn hash_token(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

/// Compares over hashes, so that the time tells nothing of the content. What it tells of the length is an open row (T74).
#[must_use]
pub fn same_secret(secret: &Secret, candidate: &str) -> bool {
    let (ours, theirs) = (Sha256::digest(secret.expose().as_bytes()), Sha256::digest(candidate.as_bytes()));
    ours.as_slice().ct_eq(theirs.as_slice()).into()
}

/// What a presented token turned out to be, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TokenCheck {
    /// The device's live token for the role.
    Good,
    /// It was withdrawn.
    Revoked,
    /// It was the right one and is over.
    Expired,
    /// Not this device's token for this role.
    Wrong,
}

/// The device's token record for a role.
#[must_use]
pub fn token_for(device: &Device, role: Role) -> Option<&DeviceToken> {
    device.tokens.iter().find(|token| token.role == role)
}

/// Checks a presented token against what is kept.
#[must_use]
pub fn check(device: &Device, role: Role, presented: &str, now_ms: i64) -> TokenCheck {
    let hash = hash_token(presented);
    let Some(kept) = token_for(device, role) else { return TokenCheck::Wrong };
    if !bool::from(kept.hash.as_bytes().ct_eq(hash.as_bytes())) {
        TokenCheck::Wrong
    } else if kept.revoked_at.is_some() {
        TokenCheck::Revoked
    } else if kept.expires_at <= now_ms {
        TokenCheck::Expired
    } else {
        TokenCheck::Good
    }
}

/// Whether the device's right to a role was withdrawn with its token.
#[must_use]
pub fn is_revoked(device: &Device, role: Role) -> bool {
    token_for(device, role).is_some_and(|token| token.revoked_at.is_some())
}

/// What happens to the device's token when it is admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenAction {
    /// Nothing: there is no device, or it needs no new token.
    None,
    /// Make the first token of this device and role.
    Issue {
        /// Scopes it carries.
        scopes: Scopes,
        /// When it ends.
        expires_at: i64,
    },
    /// The token that the client presented stays good; answer with that same text.
    Keep {
        /// When it ends now.
        expires_at: i64,
    },
    /// Replace the token that is kept.
    Rotate {
        /// Scopes of the new one.
        scopes: Scopes,
        /// When the new one ends.
        expires_at: i64,
    },
}

impl TokenAction {
    /// The record to keep after the action; `old` is the present one, `fresh` a new random token (only read when one is made).
    #[must_use]
    pub fn record(&self, role: Role, old: Option<&DeviceToken>, fresh: &Secret, now_ms: i64) -> Option<DeviceToken> {
        match *self {
            Self::None => None,
            Self::Keep { expires_at } => {
                old.map(|old| DeviceToken { expires_at, last_used_at: Some(now_ms), ..old.clone() })
            }
            Self::Issue { scopes, expires_at } | Self::Rotate { scopes, expires_at } => Some(DeviceToken {
                role,
                hash: hash_token(fresh.expose()),
                scopes,
                created_at: old.map_or(now_ms, |old| old.created_at),
                rotated_at: old.map(|_| now_ms),
                revoked_at: None,
                last_used_at: Some(now_ms),
                expires_at,
            }),
        }
    }
}

#[cfg(test)]
mod tests;

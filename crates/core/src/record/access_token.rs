//! Named access tokens: credentials that an administrator gives to people and programs (SPEC-NOTES 16).

use openclaw_protocol::Scopes;
use serde::{Deserialize, Serialize};

/// Secrets that may let in the holder of one token at the same time: the last one, and those it replaced that still hold.
pub const MAX_ACCESS_SECRETS: usize = 8;

/// A named access token, kept as hashes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessToken {
    /// Its id.
    pub id: String,
    /// Its name, by which roles know its holder. No two tokens that hold have the same.
    pub name: String,
    /// What it grants at most.
    pub scopes: Scopes,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: i64,
    /// When it was withdrawn.
    pub revoked_at: Option<i64>,
    /// Its secrets, the newest first; never empty, and at most [`MAX_ACCESS_SECRETS`].
    pub secrets: Vec<AccessSecret>,
}

/// One secret of an access token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessSecret {
    /// SHA-256 of it, hex.
    pub hash: String,
    /// When it was given out.
    pub issued_at: i64,
    /// When it ends; `None` never.
    pub expires_at: Option<i64>,
}

impl AccessSecret {
    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether less than a quarter of its life is left.
    #[must_use]
    pub fn ends_soon(&self, now: i64) -> bool {
        self.expires_at.is_some_and(|at| at.saturating_sub(now) < at.saturating_sub(self.issued_at) / 4)
    }
}

impl AccessToken {
    /// Names the newest secret to people without telling anything of it: the beginning of its hash.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        let hash = self.secrets.first().map_or("", |secret| secret.hash.as_str());
        hash.get(..12).unwrap_or(hash)
    }

    /// When the last of its secrets ends; `None` never.
    #[must_use]
    pub fn expires_at(&self) -> Option<i64> {
        self.secrets.first().and_then(|secret| secret.expires_at)
    }

    /// Whether it lets anybody in.
    #[must_use]
    pub fn holds(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.secrets.iter().any(|secret| !secret.is_over(now))
    }
}

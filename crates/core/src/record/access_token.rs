//! Named access tokens: credentials that an administrator gives to people and programs (SPEC-NOTES 16).

use openclaw_protocol::Scopes;
use serde::{Deserialize, Serialize};

/// Secrets that may let in the holder of one token at the same time: the last one, and those it replaced that still hold.
pub const MAX_ACCESS_SECRETS: usize = 8;
/// Tokens that hold no more and are remembered, so that whoever shows one can be told why.
pub const REMEMBERED_ACCESS_TOKENS: usize = 100;
/// How their secrets begin, so that they are told from other secrets.
pub const ACCESS_TOKEN_PREFIX: &str = "oct_";

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

    /// Whether it lets in whoever shows the secret with this hash.
    #[must_use]
    pub fn lets_in(&self, hash: &str, now: i64) -> bool {
        self.revoked_at.is_none() && self.secrets.iter().any(|secret| secret.hash == hash && !secret.is_over(now))
    }

    /// When its newest secret was given out.
    #[must_use]
    pub fn issued_at(&self) -> i64 {
        self.secrets.first().map_or(self.created_at, |secret| secret.issued_at)
    }

    /// Which of these are forgotten when a token comes to hold: those that do not, but for the [`REMEMBERED_ACCESS_TOKENS`] that
    /// held last.
    #[must_use]
    pub fn forgotten<'a>(tokens: impl IntoIterator<Item = &'a Self>, now: i64) -> Vec<String> {
        let mut over: Vec<&Self> = tokens.into_iter().filter(|token| !token.holds(now)).collect();
        over.sort_by_key(|token| (std::cmp::Reverse(token.revoked_at.or(token.expires_at())), token.id.as_str()));
        over.into_iter().skip(REMEMBERED_ACCESS_TOKENS).map(|token| token.id.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(id: usize, revoked_at: Option<i64>, expires_at: Option<i64>) -> AccessToken {
        AccessToken {
            id: format!("{id:04}"),
            name: format!("token-{id}"),
            scopes: Scopes::NONE,
            created_by: "token".to_owned(),
            created_at: 0,
            revoked_at,
            secrets: vec![AccessSecret { hash: format!("hash-{id}"), issued_at: 0, expires_at }],
        }
    }

    #[test]
    fn the_hundred_that_were_over_last_are_remembered_and_none_that_holds_is_forgotten() {
        let over = (0..120).map(|id| {
            let at = i64::try_from(id).unwrap();
            if id % 2 == 0 { token(id, Some(at), None) } else { token(id, None, Some(at)) }
        });
        let mut all: Vec<AccessToken> = over.collect();
        all.extend([token(900, None, None), token(901, None, Some(1_001))]);
        let mut forgotten = AccessToken::forgotten(&all, 1_000);
        forgotten.sort_unstable();
        assert_eq!(forgotten, (0..20).map(|id| format!("{id:04}")).collect::<Vec<_>>());
        assert!(AccessToken::forgotten(&all[20..], 1_000).is_empty());
    }

    #[test]
    fn a_secret_lets_in_until_its_own_end_and_no_other_does() {
        let two = AccessToken {
            secrets: vec![
                AccessSecret { hash: "new".to_owned(), issued_at: 5, expires_at: Some(20) },
                AccessSecret { hash: "old".to_owned(), issued_at: 0, expires_at: Some(10) },
            ],
            ..token(1, None, None)
        };
        assert!(two.lets_in("old", 9) && !two.lets_in("old", 10) && two.lets_in("new", 10));
        assert!(!two.lets_in("other", 0) && two.holds(10));
        assert!(!AccessToken { revoked_at: Some(1), ..two }.lets_in("new", 2));
    }
}

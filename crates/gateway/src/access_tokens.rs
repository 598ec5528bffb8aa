//! Named access tokens, in memory beside the store (SPEC-NOTES 16).

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_auth::{ACCESS_TOKEN_PREFIX, AccessToken as Shown, tokens::hash_token};
use openclaw_config::{Config, TokenConfig};
use openclaw_core::{
    Ids, Secret,
    record::{AccessSecret, AccessToken},
};

/// The table. Whoever changes a token in the store puts the outcome here, with the number of its transaction.
#[derive(Debug)]
pub(crate) struct AccessTokens(Mutex<HashMap<String, (AccessToken, i64)>>);

impl AccessTokens {
    /// The tokens that the store holds.
    pub(crate) fn new(tokens: Vec<AccessToken>) -> Self {
        Self(Mutex::new(tokens.into_iter().map(|token| (token.id.clone(), (token, 0))).collect()))
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<String, (AccessToken, i64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes over what the store says after this transaction.
    pub(crate) fn put(&self, token: AccessToken, seq: i64) {
        let mut tokens = self.tokens();
        if tokens.get(&token.id).is_none_or(|(_, known)| *known <= seq) {
            tokens.insert(token.id.clone(), (token, seq));
        }
    }

    /// All of them, the oldest first.
    pub(crate) fn list(&self) -> Vec<AccessToken> {
        let mut list: Vec<AccessToken> = self.tokens().values().map(|(token, _)| token.clone()).collect();
        list.sort_by(|left, right| (left.created_at, &left.id).cmp(&(right.created_at, &right.id)));
        list
    }

    /// The token with this id or name that is not withdrawn; of several of one name the newest.
    pub(crate) fn named(&self, word: &str) -> Option<AccessToken> {
        let fits = |token: &&AccessToken| token.revoked_at.is_none() && (token.id == word || token.name == word);
        let list = self.list();
        list.iter().rev().find(fits).cloned()
    }

    /// The token with this id.
    pub(crate) fn get(&self, id: &str) -> Option<AccessToken> {
        self.tokens().get(id).map(|(token, _)| token.clone())
    }

    /// What a secret is. Hashes are compared, so that the time tells nothing about it.
    pub(crate) fn look_up(&self, secret: &str, now: i64) -> Shown {
        let hash = hash_token(secret);
        let tokens = self.tokens();
        let found = tokens.values().find_map(|(token, _)| {
            token.secrets.iter().find(|kept| kept.hash == hash).map(|kept| (token, kept.is_over(now)))
        });
        match found {
            None => Shown::Unknown,
            Some((token, _)) if token.revoked_at.is_some() => Shown::Revoked,
            Some((_, true)) => Shown::Expired,
            Some((token, false)) => {
                Shown::Holds { id: token.id.clone(), name: token.name.clone(), scopes: token.scopes }
            }
        }
    }

    /// Whether this secret is in the last quarter of its life, and may be followed by another.
    pub(crate) fn ends_soon(&self, id: &str, secret: &str, now: i64) -> bool {
        let hash = hash_token(secret);
        let tokens = self.tokens();
        let Some((token, _)) = tokens.get(id) else { return false };
        let holding = token.secrets.iter().filter(|kept| !kept.is_over(now)).count();
        token.secrets.iter().any(|kept| kept.hash == hash && kept.ends_soon(now))
            && holding < openclaw_core::record::MAX_ACCESS_SECRETS
    }
}

/// A secret that nobody has yet, and its record.
pub(crate) fn fresh(config: &Config, ids: &Ids, now: i64) -> (Secret, AccessSecret) {
    let settings = settings(config);
    let random = ids.random(settings.token_length as usize);
    let secret = Secret::new(format!("{ACCESS_TOKEN_PREFIX}{}", URL_SAFE_NO_PAD.encode(random)));
    let life = settings.expiration.map(|life| i64::try_from(life.duration().as_millis()).unwrap_or(i64::MAX));
    let record = AccessSecret {
        hash: hash_token(secret.expose()),
        issued_at: now,
        expires_at: life.map(|life| now.saturating_add(life)),
    };
    (secret, record)
}

/// What is configured about them.
pub(crate) fn settings(config: &Config) -> &TokenConfig {
    &config.gateway.auth.token_config
}

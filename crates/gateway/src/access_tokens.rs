//! Named access tokens, in memory beside the store (SPEC-NOTES 16).

use std::{
    collections::{HashMap, HashSet},
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

    /// Takes over what the store says after this transaction, and forgets whom the store forgot in it.
    pub(crate) fn put(&self, token: AccessToken, seq: i64) {
        let mut tokens = self.tokens();
        if tokens.get(&token.id).is_some_and(|(_, known)| *known > seq) {
            return;
        }
        let now = token.issued_at();
        let comes = token.holds(now) && tokens.get(&token.id).is_none_or(|(known, _)| !known.holds(now));
        tokens.insert(token.id.clone(), (token, seq));
        if comes {
            for id in AccessToken::forgotten(tokens.values().map(|(token, _)| token), now) {
                tokens.remove(&id);
            }
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

    /// Whether the token with this id lets in whoever shows the secret with this hash.
    pub(crate) fn lets_in(&self, id: &str, hash: &str, now: i64) -> bool {
        self.tokens().get(id).is_some_and(|(token, _)| token.lets_in(hash, now))
    }

    /// The tokens that let nobody in any more.
    pub(crate) fn over(&self, now: i64) -> HashSet<String> {
        let tokens = self.tokens();
        tokens.iter().filter(|(_, (token, _))| !token.holds(now)).map(|(id, _)| id.clone()).collect()
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

    /// Whether the secret with this hash is in the last quarter of its life, and may be followed by another.
    pub(crate) fn ends_soon(&self, id: &str, hash: &str, now: i64) -> bool {
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

#[cfg(test)]
mod tests {
    use openclaw_protocol::Scopes;

    use super::*;

    fn token(id: usize, secret: &str) -> AccessToken {
        AccessToken {
            id: format!("{id:04}"),
            name: format!("token-{id}"),
            scopes: Scopes::NONE,
            created_by: "token".to_owned(),
            created_at: 0,
            revoked_at: None,
            secrets: vec![AccessSecret { hash: hash_token(secret), issued_at: 0, expires_at: Some(1_000) }],
        }
    }

    #[test]
    fn a_secret_that_was_replaced_lets_nobody_in_though_its_token_holds() {
        let table = AccessTokens::new(vec![token(1, "oct_old")]);
        assert!(table.lets_in("0001", &hash_token("oct_old"), 10));
        table.put(token(1, "oct_new"), 7);
        // What was decided before comes later.
        table.put(token(1, "oct_old"), 6);
        assert!(
            !table.lets_in("0001", &hash_token("oct_old"), 10) && table.lets_in("0001", &hash_token("oct_new"), 10)
        );
        assert!(!table.lets_in("0001", &hash_token("oct_new"), 1_000), "its time is over");
    }

    #[test]
    fn the_table_keeps_as_many_that_are_over_as_the_store() {
        let table = AccessTokens::new(Vec::new());
        for id in 0..300 {
            let seq = i64::try_from(id).unwrap();
            table.put(token(id, "oct_secret"), seq);
            table.put(AccessToken { revoked_at: Some(seq), ..token(id, "oct_secret") }, seq);
        }
        table.put(token(300, "oct_last"), 300);
        let list = table.list();
        assert_eq!(list.len(), openclaw_core::record::REMEMBERED_ACCESS_TOKENS + 1);
        assert!(table.named("token-300").is_some() && list.iter().all(|token| token.id.as_str() >= "0200"));
    }
}

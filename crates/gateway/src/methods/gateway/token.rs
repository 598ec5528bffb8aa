//! What the methods about named access tokens share.

use openclaw_core::{Secret, record::AccessToken};
use openclaw_protocol::Scopes;
use openclaw_store::{AccessTokenChange, Change, Outcome, Transaction};

use crate::methods::prelude::*;

/// A named access token as it is listed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    id: String,
    name: String,
    /// Names the secret: the beginning of its hash.
    fingerprint: String,
    scopes: Scopes,
    created_at_ms: i64,
    created_by: String,
    /// When it ends; never when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revoked_at_ms: Option<i64>,
    /// Whether it lets its holder in.
    status: Status,
}

/// Whether a token lets its holder in.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    Live,
    Expired,
    Revoked,
}

impl Row {
    pub(super) fn of(token: &AccessToken, now: i64) -> Self {
        Self {
            id: token.id.clone(),
            name: token.name.clone(),
            fingerprint: token.fingerprint().to_owned(),
            scopes: token.scopes,
            created_at_ms: token.created_at,
            created_by: token.created_by.clone(),
            expires_at_ms: token.expires_at(),
            revoked_at_ms: token.revoked_at,
            status: match token.revoked_at {
                Some(_) => Status::Revoked,
                None if token.holds(now) => Status::Live,
                None => Status::Expired,
            },
        }
    }
}

/// A token that was made, with its secret.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Issued {
    id: String,
    name: String,
    /// The token. It is kept as a hash, so nobody can show it again.
    token: String,
    fingerprint: String,
    scopes: Scopes,
    created_at_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
}

impl Issued {
    pub(super) fn new(kept: &AccessToken, token: &Secret) -> Self {
        Self {
            id: kept.id.clone(),
            name: kept.name.clone(),
            token: token.expose().to_owned(),
            fingerprint: kept.fingerprint().to_owned(),
            scopes: kept.scopes,
            created_at_ms: kept.created_at,
            expires_at_ms: kept.expires_at(),
        }
    }
}

/// Names a secret without telling anything of it.
pub(super) fn fingerprint(secret: &Secret) -> String {
    openclaw_auth::tokens::hash_token(secret.expose()).chars().take(12).collect()
}

/// Refuses to give somebody a token by whose name roles allow more than the caller has.
pub(super) fn gives_no_more_than_own(call: &Call, name: &str) -> Result<(), WireError> {
    let active = call.state().active();
    let Some(guard) = &active.guard else { return Ok(()) };
    // Users may be written either way.
    guard.may_make(call.principal(), name)?;
    guard.may_make(call.principal(), &format!("token:{name}"))
}

/// The token that parameters name.
pub(super) fn named(call: &Call, word: &str) -> Result<AccessToken, WireError> {
    call.state()
        .access_tokens
        .named(word)
        .ok_or_else(|| WireError::not_found(format!("no access token \"{word}\"; gateway.token.list names them")))
}

/// Makes a change and puts what came of it in force.
pub(super) async fn change(
    call: &Call,
    method: &str,
    event: &str,
    name: &str,
    change: AccessTokenChange,
) -> Result<AccessToken, WireError> {
    let audit = call.audit(event, method, Some(format!("access:{name}")), Value::Null);
    let changes = vec![Change::AccessToken(change)];
    let written = call.state().store.write(Transaction { changes, audit, idempotency: None }).await;
    let committed = written.map_err(|error| fault::store(&error))?;
    let seq = committed.seq;
    for outcome in committed.outcomes {
        if let Outcome::AccessToken(token) = outcome {
            call.state().access_tokens.put(token.clone(), seq);
            return Ok(token);
        }
    }
    Err(WireError::unavailable(detail::INTERNAL, "the store did not tell what came of the change"))
}

//! `gateway.secret.rotate`: puts another shared token in the place of the present one.

use openclaw_auth::{AuthMethod, Mode};
use openclaw_config::{Edit, Origin};
use openclaw_core::Secret;
use openclaw_store::Transaction;

use super::token::fingerprint;
use crate::{
    methods::{
        config::change::{self, Terms},
        prelude::*,
    },
    reload::Goal,
};

/// Where it stands.
const KEY: &str = "gateway.auth.token";

params! {
    /// Why, if anybody is to know.
    {
        /// For the history and the audit.
        #[serde(default)]
        reason: Option<String>,
        /// Hash of the configuration's file as the caller saw it; another one is a conflict.
        #[serde(default)]
        base_hash: Option<String>,
    } understood {}
}

/// What became of it. The token itself is in the configuration's file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Rotated {
    rotated_at_ms: i64,
    /// Names the new token: the beginning of its hash.
    fingerprint: String,
    /// The same for the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_fingerprint: Option<String>,
    /// Connections that the old token had let in, and that end now.
    closed_sessions: usize,
    /// Hash of the configuration's file now.
    hash: String,
}

pub(crate) struct SecretRotate;

impl Method for SecretRotate {
    const NAME: &'static str = "gateway.secret.rotate";
    const ABOUT: &'static str =
        "Makes a new shared token, writes it to the configuration, and ends every connection that the old one let in.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("auth.token.rotated");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Rotated;

    async fn call(call: Call, params: Params) -> Result<Rotated, WireError> {
        let state = call.state();
        let active = state.active.load_full();
        if active.policy.mode != Mode::Token {
            let text = "gateway.auth.mode is not \"token\", so there is no token to rotate";
            return Err(WireError::invalid(detail::CONFLICT, text));
        }
        let by = match active.loaded.origin_of(KEY) {
            Origin::Flag => Some("the flag --token".to_owned()),
            Origin::Env(name) => Some(format!("the environment variable {name}")),
            Origin::File | Origin::Default => None,
        };
        if let Some(by) = by {
            let text = format!("{by} of the gateway overrides {KEY}; start it without that, then rotate");
            return Err(WireError::invalid(detail::SECRET_OVERRIDDEN, text).with("by", by));
        }
        let previous_fingerprint = active.policy.secret.as_ref().map(fingerprint);
        let secret: Secret = state.ids.token();
        let path = change::key_path::<Self>(KEY, "reason")?;
        let edits = vec![Edit::Set { path, value: Value::from(secret.expose()) }];
        let closed_sessions = state.hub.admitted_by(|method| method == AuthMethod::Token);
        let note = params.reason;
        let audit = json!({ "reason": note, "fingerprint": fingerprint(&secret), "previous": previous_fingerprint });
        let terms = Terms { note, base_hash: params.base_hash, ..Terms::default() };
        let changed = change::make::<Self>(&call, Goal::Edits(edits), terms).await?;
        let audit = call.audit("auth.token.rotated", Self::NAME, Some(KEY.to_owned()), audit);
        // Kept before the answer; the new token holds in any case, so the change itself is not taken back.
        let kept = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
        kept.map_err(|error| fault::store(&error))?;
        Ok(Rotated {
            rotated_at_ms: call.now_ms(),
            fingerprint: fingerprint(&secret),
            previous_fingerprint,
            closed_sessions,
            hash: changed.hash,
        })
    }
}

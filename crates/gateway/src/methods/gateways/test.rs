//! `gateways.test`: a look at a gateway before it is kept.

use openclaw_core::Secret;
use openclaw_store::Transaction;

use super::update::{moved, token_stays};
use crate::{
    fault,
    fleet::{Draft, Kept, Tested, probe},
    methods::prelude::*,
};

params! {
    /// What to try: a gateway that is known, one that is not yet, or a known one with changes.
    {
        /// A gateway that is known; its token is used where its address stays.
        #[serde(default)]
        id: Option<String>,
        /// Where to connect to.
        #[serde(default)]
        url: Option<String>,
        /// The token to show.
        #[serde(default, deserialize_with = "clearable")]
        token: Option<Option<String>>,
        /// Accept any certificate.
        #[serde(default)]
        allow_self_signed: Option<bool>,
        /// Let it be on this machine or in a private network.
        #[serde(default)]
        allow_private_network: Option<bool>,
        /// An authority to trust beside those of the system, PEM.
        #[serde(default, deserialize_with = "clearable")]
        ca_certificate: Option<Option<String>>,
        /// SHA-256 of the one certificate to trust.
        #[serde(default, deserialize_with = "clearable")]
        tls_fingerprint: Option<Option<String>>,
    } understood {}
}

pub(crate) struct Test;

impl Method for Test {
    const NAME: &'static str = "gateways.test";
    const ABOUT: &'static str = "Connects to a gateway once, says what came of it, and keeps nothing.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("gateway.tested");
    const REPEAT: Repeat = Repeat::Harmless;
    const WAITS: bool = true;
    type Params = Params;
    type Reply = Tested;

    async fn call(call: Call, params: Params) -> Result<Tested, WireError> {
        let state = call.state();
        let before = params.id.as_deref().map(|id| state.fleet.get(id)).transpose()?;
        let mut draft = match (&before, &params.url) {
            (Some(seen), _) => seen.kept.draft(),
            (None, Some(_)) => Draft { name: "test".to_owned(), ..Draft::default() },
            (None, None) => {
                return Err(WireError::params("gateways.test needs url, or the id of a gateway that is known"));
            }
        };
        if let Some(url) = params.url {
            draft.url = url;
        }
        if let Some(allow) = params.allow_self_signed {
            draft.allow_self_signed = allow;
        }
        if let Some(allow) = params.allow_private_network {
            draft.allow_private_network = allow;
        }
        if let Some(authority) = params.ca_certificate {
            draft.ca_certificate = authority;
        }
        if let Some(pin) = params.tls_fingerprint {
            draft.tls_fingerprint = pin;
        }
        let kept = draft.checked(call.now_ms())?;
        let stays = before.as_ref().and_then(|seen| seen.kept.token.clone());
        let (token, sealed) = match params.token {
            Some(Some(token)) => (Some(Secret::new(Draft::token(&token)?)), None),
            Some(None) => (None, None),
            None if stays.is_some() && before.as_ref().is_some_and(|seen| moved(&seen.kept, &kept)) => {
                return Err(token_stays());
            }
            None => (None, stays),
        };
        let kept = Kept { token: sealed, ..kept };
        let id = before.as_ref().map_or("test", |seen| &*seen.id);
        // Before anything goes out: who had the gateway connect where.
        let audit = call.audit("gateway.tested", Self::NAME, params.id.clone(), json!({ "url": kept.url }));
        let record = Transaction { changes: Vec::new(), audit, idempotency: None };
        state.store.write(record).await.map_err(|error| fault::store(&error))?;
        Ok(probe(state, id, &kept, token).await)
    }
}

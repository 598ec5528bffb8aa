//! `gateways.update`: changes what is kept of a gateway.

use super::{
    add::{name_is_free, record},
    shown::Gateway,
};
use crate::{
    fleet::{Draft, Kept},
    methods::prelude::*,
};

params! {
    /// What to change; what is absent stays, `null` takes away.
    {
        /// Which, as `gateways.list` says.
        id: String,
        /// Its name for people.
        #[serde(default)]
        name: Option<String>,
        /// Where it listens. A token belongs to its address: whoever changes that gives the token again, or `null`.
        #[serde(default)]
        url: Option<String>,
        /// Its token.
        #[serde(default, deserialize_with = "clearable")]
        token: Option<Option<String>>,
        /// Where agents work that are made through it.
        #[serde(default, deserialize_with = "clearable")]
        workspace_root: Option<Option<String>>,
        /// Accept any certificate.
        #[serde(default)]
        allow_self_signed: Option<bool>,
        /// Let it be on this machine or in a private network.
        #[serde(default)]
        allow_private_network: Option<bool>,
        /// An authority to trust for it beside those of the system, PEM.
        #[serde(default, deserialize_with = "clearable")]
        ca_certificate: Option<Option<String>>,
        /// SHA-256 of the one certificate to trust.
        #[serde(default, deserialize_with = "clearable")]
        tls_fingerprint: Option<Option<String>>,
        /// Whether it is the one that people use first.
        #[serde(default)]
        primary: Option<bool>,
    } understood {}
}

pub(crate) struct Update;

impl Method for Update {
    const NAME: &'static str = "gateways.update";
    const ABOUT: &'static str = "Changes a gateway that is reached through this one.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("gateway.updated");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Gateway;

    async fn call(call: Call, params: Params) -> Result<Gateway, WireError> {
        let state = call.state();
        let token = match &params.token {
            Some(Some(token)) => Some(Some(Draft::token(token)?)),
            Some(None) => Some(None),
            None => None,
        };
        let _turn = state.fleet.changing().await;
        let known = state.fleet.list();
        let seen = state.fleet.get(&params.id)?;
        let before = &*seen.kept;
        let mut draft = before.draft();
        set(&mut draft.name, params.name);
        set(&mut draft.url, params.url);
        set(&mut draft.workspace_root, params.workspace_root);
        set(&mut draft.allow_self_signed, params.allow_self_signed);
        set(&mut draft.allow_private_network, params.allow_private_network);
        set(&mut draft.ca_certificate, params.ca_certificate);
        set(&mut draft.tls_fingerprint, params.tls_fingerprint);
        set(&mut draft.primary, params.primary);
        let kept = draft.checked(before.created_at_ms)?;
        name_is_free(&known, &kept.name, Some(&seen.id))?;
        let token = match token {
            Some(Some(token)) => Some(state.fleet.seal(state, &seen.id, &kept.url, &token).await?),
            Some(None) => None,
            None if before.token.is_some() && moved(before, &kept) => return Err(token_stays()),
            None => before.token.clone(),
        };
        let kept = Kept { token, ..kept };
        let audit = call.audit("gateway.updated", Self::NAME, Some(seen.id.to_string()), record(&kept));
        state.fleet.write(state, &seen.id, Some(kept), audit).await?;
        Ok(Gateway::of(&state.fleet.get(&seen.id)?, usize::MAX))
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

/// Whether a kept token would go somewhere else than to whom it was given for.
pub(super) fn moved(before: &Kept, after: &Kept) -> bool {
    before.url != after.url
}

/// T05: a credential belongs to an address.
pub(super) fn token_stays() -> WireError {
    WireError::params(
        "invalid gateway: token belongs to the former address; enter the token of the new one, or null for none",
    )
    .with("path", "token")
}

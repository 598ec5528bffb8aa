//! `gateways.add`: another gateway to reach.

use super::shown::Gateway;
use crate::{
    fleet::{Draft, Kept, MAX_GATEWAYS, id_of},
    methods::prelude::*,
};

params! {
    /// The gateway.
    {
        /// Its name for people; no other has it.
        name: String,
        /// Where it listens: `ws://host:port` or `wss://host:port`.
        url: String,
        /// Its token. It is kept sealed and never shown again.
        #[serde(default)]
        token: Option<String>,
        /// Where agents work that are made through it, as its machine writes it.
        #[serde(default)]
        workspace_root: Option<String>,
        /// Accept any certificate. Weakens the transport; off unless said.
        #[serde(default)]
        allow_self_signed: bool,
        /// Let it be on this machine or in a private network.
        #[serde(default)]
        allow_private_network: bool,
        /// An authority to trust for it beside those of the system, PEM.
        #[serde(default)]
        ca_certificate: Option<String>,
        /// SHA-256 of the one certificate to trust.
        #[serde(default)]
        tls_fingerprint: Option<String>,
        /// Whether it is the one that people use first; whichever was is it no more.
        #[serde(default)]
        primary: bool,
    } understood {}
}

pub(crate) struct Add;

impl Method for Add {
    const NAME: &'static str = "gateways.add";
    const ABOUT: &'static str = "Adds another gateway and connects to it.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("gateway.added");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Gateway;

    async fn call(call: Call, params: Params) -> Result<Gateway, WireError> {
        let state = call.state();
        let token = params.token.as_deref().filter(|token| !token.is_empty()).map(Draft::token).transpose()?;
        let draft = Draft {
            name: params.name,
            url: params.url,
            workspace_root: params.workspace_root,
            allow_self_signed: params.allow_self_signed,
            allow_private_network: params.allow_private_network,
            ca_certificate: params.ca_certificate,
            tls_fingerprint: params.tls_fingerprint,
            primary: params.primary,
        };
        let kept = draft.checked(call.now_ms())?;
        let _turn = state.fleet.changing().await;
        let known = state.fleet.list();
        if known.len() >= MAX_GATEWAYS {
            let text = format!("{MAX_GATEWAYS} gateways are known, which is the most; remove one first");
            return Err(WireError::unavailable(detail::QUEUE_FULL, text));
        }
        name_is_free(&known, &kept.name, None)?;
        let id = id_of(&kept.name, |id| known.iter().any(|seen| &*seen.id == id));
        let token = match token {
            Some(token) => Some(state.fleet.seal(state, &id, &kept.url, &token).await?),
            None => None,
        };
        let kept = Kept { token, ..kept };
        let audit = call.audit("gateway.added", Self::NAME, Some(id.clone()), record(&kept));
        state.fleet.write(state, &id, Some(kept), audit).await?;
        Ok(Gateway::of(&state.fleet.get(&id)?, usize::MAX))
    }
}

/// Nobody can tell two gateways of one name apart.
pub(super) fn name_is_free(known: &[crate::fleet::Seen], name: &str, own: Option<&str>) -> Result<(), WireError> {
    let same = |seen: &&crate::fleet::Seen| seen.kept.name.to_lowercase() == name.to_lowercase();
    match known.iter().filter(same).find(|seen| Some(&*seen.id) != own) {
        None => Ok(()),
        Some(seen) => Err(WireError::invalid(
            detail::CONFLICT,
            format!("a gateway is called \"{}\" already ({}); choose another name", seen.kept.name, seen.id),
        )
        .with("path", "name")),
    }
}

/// What the audit keeps of a gateway: nothing secret.
pub(super) fn record(kept: &Kept) -> Value {
    json!({
        "name": kept.name, "url": kept.url, "hasToken": kept.token.is_some(), "allowSelfSigned": kept.allow_self_signed,
        "allowPrivateNetwork": kept.allow_private_network, "tlsFingerprint": kept.tls_fingerprint,
        "hasCaCertificate": kept.ca_certificate.is_some(), "primary": kept.primary,
    })
}

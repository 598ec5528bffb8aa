//! `passkeys.list`: the passkeys that are registered.

use openclaw_core::record::MAX_PASSKEYS;

use super::Shown;
use crate::{methods::prelude::*, passkeys::rp_id};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// What is registered, and what that means.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Passkeys {
    passkeys: Vec<Shown>,
    /// `gateway.auth.passkeys.mode`.
    mode: &'static str,
    /// The host for which one would be registered from here; absent for callers that are no page.
    #[serde(skip_serializing_if = "Option::is_none")]
    rp_id: Option<String>,
    /// How many there may be.
    max: usize,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "passkeys.list";
    const ABOUT: &'static str = "Passkeys that confirm sign-ins, and whether one is asked for.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Passkeys;

    async fn call(call: Call, _: Params) -> Result<Passkeys, WireError> {
        let active = call.state().active();
        let origin = call.conn().origin.as_deref();
        Ok(Passkeys {
            passkeys: call.state().passkeys.list().iter().map(|passkey| Shown::of(&call, passkey)).collect(),
            mode: active.loaded.config.gateway.auth.passkeys.mode.word(),
            rp_id: origin.and_then(|origin| rp_id(&active, Some(origin))),
            max: MAX_PASSKEYS,
        })
    }
}

//! `passkeys.rename`: calls a passkey something else.

use openclaw_store::{Change, PasskeyChange};

use super::{Shown, known, name, store, tell};
use crate::methods::prelude::*;

params! {
    /// Which, and its new name.
    {
        /// Its id.
        id: String,
        /// What it is called from now on.
        name: String,
    } understood {}
}

pub(crate) struct Rename;

impl Method for Rename {
    const NAME: &'static str = "passkeys.rename";
    const ABOUT: &'static str = "Calls a passkey something else.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("passkey.renamed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Shown;

    async fn call(call: Call, params: Params) -> Result<Shown, WireError> {
        let (name, passkey) = (name(&params.name)?, known(&call, &params.id)?);
        let changes = vec![Change::Passkey(PasskeyChange::Rename { id: passkey.id.clone(), name })];
        let (kept, committed) = store(&call, Self::NAME, "passkey.renamed", &passkey.id, changes).await?;
        call.state().passkeys.update(kept.clone(), committed.seq);
        tell(&call);
        Ok(Shown::of(&call, &kept))
    }
}

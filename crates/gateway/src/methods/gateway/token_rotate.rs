//! `gateway.token.rotate`: replaces the secret of a named access token.

use openclaw_auth::Identity;
use openclaw_protocol::close;
use openclaw_store::{AccessTokenChange, FormerSecrets};

use super::token::{self, Issued};
use crate::{access_tokens, methods::prelude::*};

params! {
    /// Which.
    {
        /// Its name or id.
        name: String,
    } understood {}
}

pub(crate) struct TokenRotate;

impl Method for TokenRotate {
    const NAME: &'static str = "gateway.token.rotate";
    const ABOUT: &'static str =
        "Replaces a named access token, shows the new one once, and ends the connections of the old one.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("auth.token.rotated");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Issued;

    async fn call(call: Call, params: Params) -> Result<Issued, WireError> {
        let token = token::named(&call, &params.name)?;
        if let Some(scope) = token.scopes.iter().find(|scope| !call.principal().may(*scope)) {
            return Err(WireError::missing_scope(scope));
        }
        token::gives_no_more_than_own(&call, &token.name)?;
        let active = call.state().active.load_full();
        let config = &active.loaded.config;
        let (secret, record) = access_tokens::fresh(config, &call.state().ids, call.now_ms());
        let most = access_tokens::settings(config).max_tokens as usize;
        let id = token.id.clone();
        let change = AccessTokenChange::Issue { id, secret: record, former: FormerSecrets::End, most };
        let kept = token::change(&call, Self::NAME, "auth.token.rotated", &token.name, change).await?;
        let holds = |principal: &openclaw_auth::Principal| matches!(principal.identity(), Identity::Named { id, .. } if *id == kept.id);
        call.state().hub.close_where(close::FINAL, "access token replaced", holds);
        Ok(Issued::new(&kept, &secret))
    }
}

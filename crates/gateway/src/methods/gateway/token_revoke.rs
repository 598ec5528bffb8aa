//! `gateway.token.revoke`: withdraws a named access token.

use openclaw_auth::Identity;
use openclaw_protocol::close;
use openclaw_store::AccessTokenChange;

use super::token::{self, Row};
use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Its name or id.
        name: String,
    } understood {}
}

pub(crate) struct TokenRevoke;

impl Method for TokenRevoke {
    const NAME: &'static str = "gateway.token.revoke";
    const ABOUT: &'static str = "Withdraws a named access token and ends its holder's connections at once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("auth.token.revoked");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Row;

    async fn call(call: Call, params: Params) -> Result<Row, WireError> {
        let token = token::named(&call, &params.name)?;
        let change = AccessTokenChange::Revoke { id: token.id.clone(), at: call.now_ms() };
        let kept = token::change(&call, Self::NAME, "auth.token.revoked", &token.name, change).await?;
        let holds = |principal: &openclaw_auth::Principal| matches!(principal.identity(), Identity::Named { id, .. } if *id == kept.id);
        call.state().hub.close_where(close::FINAL, "access token revoked", holds);
        Ok(Row::of(&kept, call.now_ms()))
    }
}

//! `dashboard.link`: a link that signs one browser in.

use openclaw_store::Transaction;

use crate::{http::LoginCodes, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Path of the page, with the code behind `#` so that no server log sees it. The address before it is the one that the
    /// caller reached the gateway by.
    path: String,
    /// When the code ends unless it was used, milliseconds since the epoch; absent when no credential is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at_ms: Option<i64>,
}

pub(crate) struct Link;

impl Method for Link {
    const NAME: &'static str = "dashboard.link";
    const ABOUT: &'static str = "A link that signs one browser in, once, within ten minutes.";
    // Whoever opens the link gets the gateway's own credential.
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("login.link_issued");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        if !state.active().loaded.config.gateway.control_ui.enabled {
            let text = "the gateway's page is off; set gateway.controlUi.enabled to true";
            return Err(WireError::invalid(detail::NOT_FOUND, text));
        }
        if state.login_credential().is_none() {
            return Ok(Reply { path: "/".to_owned(), expires_at_ms: None });
        }
        let audit = call.audit("login.link_issued", Self::NAME, None, Value::Null);
        let told = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
        told.map_err(|error| fault::store(&error))?;
        let now = call.now_ms();
        let code = state.login_codes.issue(&state.ids, now);
        Ok(Reply { path: LoginCodes::path(&code), expires_at_ms: Some(now + LoginCodes::LIFE_MS) })
    }
}

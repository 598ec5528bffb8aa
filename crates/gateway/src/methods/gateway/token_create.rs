//! `gateway.token.create`: makes a named access token, shown this once.

use openclaw_core::record::AccessToken;
use openclaw_protocol::Scopes;
use openclaw_store::AccessTokenChange;

use super::token::{self, Issued};
use crate::{access_tokens, methods::prelude::*};

/// Letters of a name.
const NAME: usize = 64;

params! {
    /// For whom, and what for.
    {
        /// Its name: letters, digits and `.-_@`. Roles know its holder by it.
        name: String,
        /// What it grants; at most what its maker holds.
        scopes: Vec<Scope>,
    } understood {}
}

pub(crate) struct TokenCreate;

impl Method for TokenCreate {
    const NAME: &'static str = "gateway.token.create";
    const ABOUT: &'static str = "Makes a named access token for a person or a program, and shows it once.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("auth.token.created");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Issued;

    async fn call(call: Call, params: Params) -> Result<Issued, WireError> {
        let name = params.name;
        let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
        if name.is_empty() || name.len() > NAME || !name.chars().all(is_letter) {
            let text = format!("params.name: letters, digits and .-_@, at most {NAME} of them");
            return Err(WireError::params(text).with("path", "params.name"));
        }
        if params.scopes.is_empty() {
            let text = "params.scopes: name what it grants, such as operator.read";
            return Err(WireError::params(text).with("path", "params.scopes"));
        }
        if let Some(scope) = params.scopes.iter().find(|scope| !call.principal().may(**scope)) {
            return Err(WireError::missing_scope(*scope));
        }
        token::gives_no_more_than_own(&call, &name)?;
        let active = call.state().active.load_full();
        let config = &active.loaded.config;
        let now = call.now_ms();
        let (secret, record) = access_tokens::fresh(config, &call.state().ids, now);
        let token = AccessToken {
            id: call.state().ids.uuid().to_string(),
            name: name.clone(),
            scopes: params.scopes.into_iter().collect::<Scopes>(),
            created_by: call.principal().audit_name(),
            created_at: now,
            revoked_at: None,
            secrets: vec![record],
        };
        let most = access_tokens::settings(config).max_tokens as usize;
        let change = AccessTokenChange::Create { token, most };
        let kept = token::change(&call, Self::NAME, "auth.token.created", &name, change).await?;
        Ok(Issued::new(&kept, &secret))
    }
}

//! `gateway.token.list`: which named access tokens there are.

use openclaw_auth::Mode;

use super::token::{self, Row};
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// The oldest first, those that are over too. Never a token itself.
    tokens: Vec<Row>,
    /// The shared secret; absent in mode `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared: Option<Shared>,
}

/// The shared secret, without the secret.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Shared {
    /// `token` or `password`.
    kind: &'static str,
    /// Beginning of the token's hash. A password has none, because it could be guessed from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// Where it is set: the file, an environment variable, or the command line.
    from: String,
}

pub(crate) struct TokenList;

impl Method for TokenList {
    const NAME: &'static str = "gateway.token.list";
    const ABOUT: &'static str = "Which named access tokens there are, without the tokens.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let now = call.now_ms();
        let active = call.state().active.load_full();
        let (policy, loaded) = (&active.policy, &active.loaded);
        let secret = policy.secret.as_ref();
        let shared = match policy.mode {
            Mode::Token => Some(Shared {
                kind: "token",
                fingerprint: secret.map(token::fingerprint),
                from: loaded.origin_of("gateway.auth.token").to_string(),
            }),
            Mode::Password | Mode::TrustedProxy if secret.is_some() => Some(Shared {
                kind: "password",
                fingerprint: None,
                from: loaded.origin_of("gateway.auth.password").to_string(),
            }),
            // A password may stand for the proxy on its own host.
            Mode::Password | Mode::TrustedProxy | Mode::None => None,
        };
        Ok(Reply {
            shared,
            tokens: call.state().access_tokens.list().iter().map(|token| Row::of(token, now)).collect(),
        })
    }
}

//! `passkeys.register.begin`: what a page has to ask its authenticator so that a passkey is made.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openclaw_auth::{PasskeyMode, webauthn::ALGORITHMS};
use openclaw_core::record::MAX_PASSKEYS;

use crate::{
    methods::prelude::*,
    passkeys::{
        self,
        challenges::{LIFE_MS, Purpose},
    },
};

/// Random bytes by which an authenticator knows whose passkey it is.
const HANDLE_BYTES: usize = 32;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// What `navigator.credentials.create` takes; bytes are base64url.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Begun {
    public_key: Value,
}

pub(crate) struct RegisterBegin;

impl Method for RegisterBegin {
    const NAME: &'static str = "passkeys.register.begin";
    const ABOUT: &'static str =
        "Begins to register a passkey, from a page in a browser; it is kept by passkeys.register.finish.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Begun;

    async fn call(call: Call, _: Params) -> Result<Begun, WireError> {
        let (state, active) = (call.state(), call.state().active());
        if active.policy.passkeys == PasskeyMode::Off {
            let text = "passkeys are off: set gateway.auth.passkeys.mode to optional or required";
            return Err(WireError::unavailable(detail::CONFLICT, text));
        }
        let Some(origin) = call.conn().origin.as_deref() else {
            let text = "passkeys are registered from a page in a browser: open Mission Control, Devices & access";
            return Err(WireError::unavailable(detail::CONFLICT, text));
        };
        let rp_id = passkeys::rp_id(&active, Some(origin))
            .ok_or_else(|| WireError::unavailable(detail::CONFLICT, "this page's address names no host"))?;
        let known = state.passkeys.list();
        if known.len() >= MAX_PASSKEYS {
            let text = format!("there are {MAX_PASSKEYS} passkeys, which is as many as may be; remove one first");
            return Err(WireError::unavailable(detail::CONFLICT, text));
        }
        let challenge = passkeys::fresh(state);
        let user_handle = URL_SAFE_NO_PAD.encode(state.ids.random(HANDLE_BYTES));
        let purpose = Purpose::Register { connection: call.conn().id.clone(), user_handle: user_handle.clone() };
        state.passkeys.challenges.put(challenge.clone(), purpose, call.conn().ip, call.now_ms());
        let who = call.principal().user().unwrap_or("operator");
        let parameters: Vec<Value> =
            ALGORITHMS.iter().map(|number| json!({ "type": "public-key", "alg": number })).collect();
        let excluded: Vec<Value> =
            known.iter().filter(|passkey| passkey.rp_id == rp_id).map(passkeys::descriptor).collect();
        Ok(Begun {
            public_key: json!({
                "challenge": challenge,
                "rp": { "id": rp_id, "name": "OpenClaw Gateway" },
                "user": { "id": user_handle, "name": format!("{who}@{rp_id}"), "displayName": who },
                "pubKeyCredParams": parameters,
                "timeout": LIFE_MS,
                "excludeCredentials": excluded,
                "authenticatorSelection": { "residentKey": "preferred", "userVerification": "required" },
                "attestation": "none",
            }),
        })
    }
}

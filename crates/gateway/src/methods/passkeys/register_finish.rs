//! `passkeys.register.finish`: keeps the passkey that an authenticator made.

use openclaw_auth::webauthn::{self, Attestation, Expected, Problem};
use openclaw_core::record::Passkey;
use openclaw_store::{Change, PasskeyChange};

use super::{Shown, name, store, tell, wrong};
use crate::{
    methods::prelude::*,
    passkeys::{self, challenges::Purpose},
};

/// Words about how an authenticator is reached, and letters of each.
const TRANSPORTS: (usize, usize) = (8, 32);

/// What `navigator.credentials.create` gave; bytes are base64url. Browsers tell more, which is not needed.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Created {
    response: CreatedResponse,
}

/// What the authenticator answered.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreatedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    attestation_object: String,
    #[serde(default)]
    transports: Vec<String>,
}

params! {
    /// The passkey, and what it is called.
    {
        /// What its owner calls it.
        name: String,
        /// What the browser gave.
        credential: Created,
    } understood {}
}

pub(crate) struct RegisterFinish;

impl Method for RegisterFinish {
    const NAME: &'static str = "passkeys.register.finish";
    const ABOUT: &'static str = "Keeps the passkey that was begun with passkeys.register.begin on the same connection.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("passkey.registered");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Shown;

    async fn call(call: Call, params: Params) -> Result<Shown, WireError> {
        let name = name(&params.name)?;
        let sent = &params.credential.response;
        let (state, active) = (call.state(), call.state().active());
        let refused = |problem: Problem| match problem {
            Problem::Challenge => WireError::unavailable(detail::CONFLICT, format!("{problem}: begin again")),
            problem => wrong("params.credential", &problem.to_string()).with("reason", problem.reason()),
        };
        let challenge = webauthn::challenge_of(&sent.client_data).map_err(refused)?;
        let Some(Purpose::Register { connection, user_handle }) =
            state.passkeys.challenges.take(&challenge, call.now_ms()).filter(|_| call.conn().origin.is_some())
        else {
            return Err(refused(Problem::Challenge));
        };
        if connection != call.conn().id {
            return Err(refused(Problem::Challenge));
        }
        let origin = call.conn().origin.as_deref().unwrap_or_default();
        let rp_id = passkeys::rp_id(&active, Some(origin)).ok_or_else(|| refused(Problem::RpId))?;
        let expected = Expected { challenge: &challenge, origin, rp_id: &rp_id };
        let attestation = Attestation { client_data: &sent.client_data, attestation_object: &sent.attestation_object };
        let made = webauthn::register(&attestation, &expected).map_err(refused)?;
        let (most, longest) = TRANSPORTS;
        let passkey = Passkey {
            id: state.ids.uuid().to_string(),
            name,
            credential_id: made.credential_id,
            public_key: made.public_key,
            user_handle,
            rp_id,
            transports: sent.transports.iter().filter(|word| word.len() <= longest).take(most).cloned().collect(),
            scopes: call.principal().scopes(),
            created_by: call.principal().audit_name(),
            created_at: call.now_ms(),
            last_used_at: None,
            sign_count: made.sign_count,
        };
        let id = passkey.id.clone();
        let changes = vec![Change::Passkey(PasskeyChange::Add { passkey })];
        let (kept, committed) = store(&call, Self::NAME, "passkey.registered", &id, changes).await?;
        state.passkeys.add(kept.clone(), committed.seq);
        tell(&call);
        Ok(Shown::of(&call, &kept))
    }
}

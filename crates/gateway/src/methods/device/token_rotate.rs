//! `device.token.rotate`: replaces a device's token.

use openclaw_auth::tokens::hash_token;
use openclaw_core::record::DeviceToken;
use openclaw_protocol::{DeviceId, Scopes};
use openclaw_store::{Change, Transaction};

use super::{invalidate, known, may_manage, take_over};
use crate::methods::prelude::*;

params! {
    /// Whose token.
    {
        device_id: DeviceId,
        /// `operator` or `node`; `operator` when absent.
        #[serde(default = "operator")]
        role: String,
        /// Scopes of the new one, at most those of the device; as before when absent.
        #[serde(default)]
        scopes: Option<Vec<String>>,
    } understood {}
}

fn operator() -> String {
    "operator".to_owned()
}

pub(crate) struct TokenRotate;

impl Method for TokenRotate {
    const NAME: &'static str = "device.token.rotate";
    const ABOUT: &'static str = "Replaces a device's token; only the device itself is told the new one.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("auth.token.rotated");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        may_manage(&call, &params.device_id)?;
        let state = call.state();
        let (device, role) = known(state, &params.device_id, &params.role)?;
        let Some(old) = device.tokens.iter().find(|token| token.role == role) else {
            return Err(WireError::not_found("unknown deviceId/role"));
        };
        if old.revoked_at.is_some() {
            let text = "device token rotation denied: the token was withdrawn; the device must be approved again";
            return Err(WireError::invalid(detail::CONFLICT, text));
        }
        let scopes = params.scopes.map_or(old.scopes, |words| Scopes::parse(words.iter().map(String::as_str)));
        if !device.scopes.covers(scopes) {
            let text = "device token rotation denied: the device was not approved for these scopes";
            return Err(WireError::params(text).with("path", "params.scopes"));
        }
        if let Some(missing) = scopes.iter().find(|scope| !call.principal().may(*scope)) {
            return Err(WireError::missing_scope(missing));
        }
        let (now, fresh) = (call.now_ms(), state.ids.token());
        let ttl = state.active().policy.device_auth.token_ttl_ms;
        let token = DeviceToken {
            role,
            hash: hash_token(fresh.expose()),
            scopes,
            created_at: old.created_at,
            rotated_at: Some(now),
            revoked_at: None,
            last_used_at: None,
            expires_at: now.saturating_add(ttl),
        };
        let audit = call.audit(
            "auth.token.rotated",
            Self::NAME,
            Some(device.device_id.to_string()),
            json!({ "role": role, "scopes": scopes }),
        );
        let changes =
            vec![Change::RotateDeviceToken { device_id: device.device_id.clone(), token, revision: device.revision }];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        take_over(state, committed);
        let own = call.principal().device_id() == Some(&device.device_id);
        let mut reply = json!({ "deviceId": device.device_id, "role": role, "scopes": scopes, "rotatedAtMs": now });
        // Dialect 3 tools hand the token to the device themselves; today's protocol gives it to the device alone.
        if own || call.dialect() != Dialect::V4 {
            reply["token"] = json!(fresh.expose());
        } else {
            reply["tokenDelivery"] = json!("withheld-cross-device");
        }
        // The connection that asked holds the new token; every other one holds the old.
        invalidate(state, &device.device_id, Some(role), Some(call.principal()), "device-token-rotated");
        Ok(reply)
    }
}

//! `device.token.revoke`: withdraws a device's token.

use openclaw_protocol::DeviceId;
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
    } understood {}
}

fn operator() -> String {
    "operator".to_owned()
}

pub(crate) struct TokenRevoke;

impl Method for TokenRevoke {
    const NAME: &'static str = "device.token.revoke";
    const ABOUT: &'static str = "Withdraws a device's token and closes its connections; it must be approved again.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("device.revoked");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        may_manage(&call, &params.device_id)?;
        let state = call.state();
        let (device, role) = known(state, &params.device_id, &params.role)?;
        let now = call.now_ms();
        let audit =
            call.audit("device.revoked", Self::NAME, Some(device.device_id.to_string()), json!({ "role": role }));
        let changes = vec![Change::RevokeDeviceToken { device_id: device.device_id.clone(), role, at: now }];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        take_over(state, committed);
        invalidate(state, &device.device_id, Some(role), None, "device-token-revoked");
        Ok(json!({ "deviceId": device.device_id, "role": role, "revokedAtMs": now }))
    }
}

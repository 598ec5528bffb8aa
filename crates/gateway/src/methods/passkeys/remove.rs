//! `passkeys.remove`: a passkey counts no more.

use openclaw_protocol::close;
use openclaw_store::{Change, PasskeyChange};

use super::{admitted, known, store, tell};
use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Its id.
        id: String,
        /// Whether the devices that it admitted are taken out as well, for an authenticator that was lost. Default false.
        and_devices: Option<bool>,
    } understood {}
}

/// What was taken away.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Removed {
    id: String,
    /// Devices that were taken out with it.
    devices: Vec<String>,
}

pub(crate) struct Remove;

impl Method for Remove {
    const NAME: &'static str = "passkeys.remove";
    const ABOUT: &'static str = "Removes a passkey and ends the connections that were opened with it.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("passkey.removed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Removed;

    async fn call(call: Call, params: Params) -> Result<Removed, WireError> {
        let passkey = known(&call, &params.id)?;
        let devices = if params.and_devices == Some(true) { admitted(&call, &passkey.id) } else { Vec::new() };
        let mut changes = vec![Change::Passkey(PasskeyChange::Remove { id: passkey.id.clone() })];
        changes.extend(devices.iter().map(|device_id| Change::DeleteDevice { device_id: device_id.clone() }));
        let (_, committed) = store(&call, Self::NAME, "passkey.removed", &passkey.id, changes).await?;
        let state = call.state();
        state.passkeys.remove(&passkey.id);
        for device_id in &devices {
            state.devices.remove(device_id, committed.seq);
        }
        let gone = |principal: &openclaw_auth::Principal| principal.device_id().is_some_and(|id| devices.contains(id));
        state.hub.close_where(close::FINAL, "client invalidated: device-removed", gone);
        // Its device may still be admitted, so that it may come back by that.
        let opened = |principal: &openclaw_auth::Principal| principal.passkey() == Some(passkey.id.as_str());
        state.hub.close_where(close::POLICY, "the passkey of this connection was removed; connect again", opened);
        tell(&call);
        Ok(Removed { id: passkey.id, devices: devices.iter().map(ToString::to_string).collect() })
    }
}

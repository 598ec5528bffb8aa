//! `device.pair.list`: devices that ask, and devices that were admitted.

use openclaw_protocol::DeviceId;

use super::shown;
use crate::{admission::shown_request, methods::prelude::*};

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct PairList;

impl Method for PairList {
    const NAME: &'static str = "device.pair.list";
    const ABOUT: &'static str = "Devices that ask to be admitted, and devices that were.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let requests = call
            .state()
            .store
            .read(openclaw_store::Reader::pairing_requests)
            .await
            .map_err(|error| fault::store(&error))?;
        let managed = |device_id: &DeviceId| call.principal().manages(device_id.as_str());
        let pending = requests.iter().filter(|request| managed(&request.device_id)).map(shown_request);
        let pending: Vec<Value> = pending.collect();
        let devices = call.state().devices.list();
        let paired: Vec<Value> = devices.iter().filter(|device| managed(&device.device_id)).map(shown).collect();
        Ok(json!({ "pending": pending, "paired": paired }))
    }
}

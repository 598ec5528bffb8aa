//! `device.pair.list`: devices that ask, and devices that were admitted.

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
        let pending: Vec<Value> = requests.iter().map(shown_request).collect();
        let paired: Vec<Value> = call.state().devices.list().iter().map(shown).collect();
        Ok(json!({ "pending": pending, "paired": paired }))
    }
}

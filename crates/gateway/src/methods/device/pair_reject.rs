//! `device.pair.reject`: turns a device away that asks.

use openclaw_store::{Change, Transaction};

use super::waiting;
use crate::{admission::told_resolved, methods::prelude::*};

params! {
    /// Which request.
    { request_id: String, } understood {}
}

pub(crate) struct PairReject;

impl Method for PairReject {
    const NAME: &'static str = "device.pair.reject";
    const ABOUT: &'static str = "Turns a device away that asks to be admitted.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("device.rejected");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let request = waiting(&call, &params.request_id).await?;
        let audit = call.audit("device.rejected", Self::NAME, Some(request.device_id.to_string()), Value::Null);
        let changes = vec![Change::DropPairingRequest { request_id: request.request_id }];
        state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        told_resolved(state, request.request_id, request.device_id.as_str(), "rejected");
        Ok(json!({ "requestId": request.request_id, "deviceId": request.device_id }))
    }
}

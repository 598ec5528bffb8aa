//! `device.pair.remove`: takes a device's admission back.

use openclaw_protocol::{DeviceId, NodeId};
use openclaw_store::{Change, Error, NodeChange, Transaction};

use super::{invalidate, may_manage};
use crate::methods::prelude::*;

params! {
    /// Which device.
    { device_id: DeviceId, } understood {}
}

pub(crate) struct PairRemove;

impl Method for PairRemove {
    const NAME: &'static str = "device.pair.remove";
    const ABOUT: &'static str = "Takes a device back out: its tokens end and its connections close.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("device.revoked");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        may_manage(&call, &params.device_id)?;
        let state = call.state();
        let audit = call.audit("device.revoked", Self::NAME, Some(params.device_id.to_string()), Value::Null);
        let mut changes = vec![Change::DeleteDevice { device_id: params.device_id.clone() }];
        // What was approved of it as a node ends with it: the same key starts over.
        let node_id = NodeId::new(params.device_id.as_str()).ok();
        let node_id = node_id.filter(|node_id| state.nodes.table().node(node_id).is_some());
        changes.extend(node_id.clone().map(|node_id| Change::Node(NodeChange::Remove { node_id })));
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| match error {
            // Nothing was written, so the audit trail does not tell of a device that was taken out twice.
            Error::NotFound { .. } => WireError::not_found("unknown deviceId"),
            error => fault::store(&error),
        })?;
        state.devices.remove(&params.device_id, committed.seq);
        if node_id.is_some() {
            state.nodes.keep(committed)?;
        }
        invalidate(state, &params.device_id, None, None, "device-removed");
        Ok(json!({ "deviceId": params.device_id }))
    }
}

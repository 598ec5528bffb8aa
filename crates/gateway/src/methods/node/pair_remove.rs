//! `node.pair.remove`: forgets a node.

use openclaw_protocol::{NodeId, Role};
use openclaw_store::{Change, NodeChange, Outcome, Transaction};

use crate::{
    methods::prelude::*,
    nodes::{self, shown},
};

params! {
    /// Which node.
    { node_id: NodeId, } understood {}
}

/// The node that is gone.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
}

pub(crate) struct PairRemove;

impl Method for PairRemove {
    const NAME: &'static str = "node.pair.remove";
    const ABOUT: &'static str =
        "Forgets a node: what was approved, what waits for it and its device's role end, and its connections close.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.removed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let node_id = params.node_id;
        let device = shown::device_of(state, &node_id);
        let known = {
            let table = state.nodes.table();
            table.node(&node_id).is_some() || table.request_of(&node_id).is_some()
        };
        if device.is_none() && !known {
            return Err(WireError::not_found("unknown nodeId"));
        }
        let mut changes = vec![Change::Node(NodeChange::Remove { node_id: node_id.clone() })];
        let only_node = device.as_ref().is_some_and(|device| device.roles == [Role::Node]);
        if let Some(mut device) = device.clone() {
            if only_node {
                changes.push(Change::DeleteDevice { device_id: device.device_id });
            } else {
                // The device goes on in its other roles.
                let over = Some(device.revision);
                device.roles.retain(|role| *role != Role::Node);
                device.tokens.retain(|token| token.role != Role::Node);
                changes.push(Change::PutDevice { device, over });
            }
        }
        let audit = call.audit("node.removed", Self::NAME, Some(node_id.to_string()), Value::Null);
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| fault::store(&error))?;
        for outcome in &committed.outcomes {
            if let Outcome::Device(device) = outcome {
                state.devices.put(device.clone(), committed.seq);
            }
        }
        if let Some(device) = device.filter(|_| only_node) {
            state.devices.remove(&device.device_id, committed.seq);
        }
        state.nodes.keep(committed)?;
        nodes::told_resolved(state, None, &node_id, "removed");
        nodes::close(state, &node_id, "device-removed");
        Ok(Reply { node_id })
    }
}

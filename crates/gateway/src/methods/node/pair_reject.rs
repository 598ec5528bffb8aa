//! `node.pair.reject`: says no to what a node wants.

use openclaw_protocol::NodeId;
use openclaw_store::{Change, NodeChange, Transaction};

use super::{unknown_request, waiting};
use crate::{methods::prelude::*, nodes};

params! {
    /// Which request.
    { request_id: String, } understood {}
}

/// The node that asked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    request_id: String,
    node_id: NodeId,
}

pub(crate) struct PairReject;

impl Method for PairReject {
    const NAME: &'static str = "node.pair.reject";
    const ABOUT: &'static str =
        "Says no to what a node wants; what was approved before stays. It asks again when it connects again.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.rejected");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let request = waiting(&call, &params.request_id)?;
        let audit = call.audit("node.rejected", Self::NAME, Some(request.node_id.to_string()), Value::Null);
        let changes = vec![Change::Node(NodeChange::Reject { request_id: request.request_id })];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| match error {
            openclaw_store::Error::NotFound { .. } => unknown_request(),
            error => fault::store(&error),
        })?;
        state.nodes.keep(committed)?;
        nodes::told_resolved(state, Some(request.request_id), &request.node_id, "rejected");
        Ok(Reply { request_id: request.request_id.to_string(), node_id: request.node_id })
    }
}

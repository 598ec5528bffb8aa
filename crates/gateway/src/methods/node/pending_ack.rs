//! `node.pending.ack`: a node has dealt with commands that waited for it.

use openclaw_protocol::NodeId;
use openclaw_store::{Change, MAX_NODE_WORK, NodeChange, NodeOutcome, Outcome, Transaction};
use uuid::Uuid;

use super::own;
use crate::methods::prelude::*;

params! {
    /// Which.
    {
        /// Identifiers of `node.pending.pull`, at least one.
        ids: Vec<String>,
    } understood {}
}

/// What is left.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    /// Those that no longer wait.
    acked_ids: Vec<String>,
    /// Commands that still wait.
    remaining_count: usize,
}

pub(crate) struct PendingAck;

impl Method for PendingAck {
    const NAME: &'static str = "node.pending.ack";
    const ABOUT: &'static str = "A node has dealt with commands that waited for it.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.work.done");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        if params.ids.is_empty() || params.ids.len() > MAX_NODE_WORK {
            let text = format!("invalid {} params: at /ids: must have between 1 and {MAX_NODE_WORK} items", Self::NAME);
            return Err(WireError::params(text).with("path", "params.ids"));
        }
        let state = call.state();
        let ids: Vec<Uuid> = params.ids.iter().filter_map(|id| id.parse().ok()).collect();
        let audit = call.audit("node.work.done", Self::NAME, Some(node_id.to_string()), json!({ "count": ids.len() }));
        let changes = vec![Change::Node(NodeChange::Acknowledge { node_id: node_id.clone(), ids })];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| fault::store(&error))?;
        let remaining_count = match committed.outcomes.first() {
            Some(Outcome::Node(NodeOutcome::Acknowledged { remaining })) => *remaining,
            _ => 0,
        };
        Ok(Reply { node_id, acked_ids: params.ids, remaining_count })
    }
}

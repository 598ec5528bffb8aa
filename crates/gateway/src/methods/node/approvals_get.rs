//! `exec.approvals.node.get`: what a node lets be run on it.

use openclaw_protocol::NodeId;

use crate::{
    methods::prelude::*,
    nodes::{self, Order},
};

params! {
    /// Which node.
    { node_id: NodeId, } understood {}
}

pub(crate) struct NodeApprovalsGet;

impl Method for NodeApprovalsGet {
    const NAME: &'static str = "exec.approvals.node.get";
    const ABOUT: &'static str = "What a node lets be run on it, as the node tells it.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("node.invoked");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        relay(&call, Self::NAME, params.node_id, "system.execApprovals.get", json!({})).await
    }
}

/// Asks the node and gives its answer as it is.
pub(super) async fn relay(
    call: &Call,
    method: &'static str,
    node_id: NodeId,
    command: &str,
    params: Value,
) -> Result<Value, WireError> {
    let order = Order {
        node_id,
        command: command.to_owned(),
        params: Some(params),
        timeout_ms: None,
        key: call.state().ids.uuid().to_string(),
        progress: false,
    };
    Ok(nodes::invoke(call, method, order).await?.payload.unwrap_or(Value::Null))
}

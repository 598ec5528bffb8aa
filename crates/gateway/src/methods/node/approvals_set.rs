//! `exec.approvals.node.set`: changes what a node lets be run on it.

use openclaw_protocol::NodeId;

use super::approvals_get::relay;
use crate::methods::prelude::*;

params! {
    /// Which node, and its new policy.
    {
        node_id: NodeId,
        /// The whole policy; the node checks it.
        file: serde_json::Map<String, Value>,
        /// `hash` of the policy that this one replaces.
        #[serde(default)]
        base_hash: Option<String>,
    } understood {}
}

pub(crate) struct NodeApprovalsSet;

impl Method for NodeApprovalsSet {
    const NAME: &'static str = "exec.approvals.node.set";
    const ABOUT: &'static str =
        "Changes what a node lets be run on it; the node refuses a change of something that it no longer has.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("node.invoked");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let mut asked = json!({ "file": params.file });
        if let Some(hash) = params.base_hash {
            asked["baseHash"] = json!(hash);
        }
        relay(&call, Self::NAME, params.node_id, "system.execApprovals.set", asked).await
    }
}

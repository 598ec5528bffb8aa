//! `node.pair.list`: nodes that are approved, and what waits for an owner.

use openclaw_protocol::event::node::NodePairRequest;

use crate::{
    methods::prelude::*,
    nodes::shown::{self, PairedNode},
};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// Nodes.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// What waits for an owner, oldest first.
    pending: Vec<NodePairRequest>,
    /// What is approved, by identifier.
    paired: Vec<PairedNode>,
}

pub(crate) struct PairList;

impl Method for PairList {
    const NAME: &'static str = "node.pair.list";
    const ABOUT: &'static str = "Nodes that are approved, and what waits for an owner.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let table = call.state().nodes.table();
        let mut pending: Vec<NodePairRequest> = table.requests().map(shown::request).collect();
        pending.sort_by(|one, other| (one.ts, &one.request_id).cmp(&(other.ts, &other.request_id)));
        let mut paired: Vec<PairedNode> = table.nodes().filter_map(shown::paired).collect();
        paired.sort_by(|one, other| one.node_id.cmp(&other.node_id));
        Ok(Reply { pending, paired })
    }
}

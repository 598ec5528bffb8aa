//! `node.pending.drain`: a node takes the work that waited for it.

use openclaw_protocol::NodeId;
use openclaw_store::{Change, NodeChange, NodeOutcome, Outcome, Transaction};

use super::{
    own,
    pending_enqueue::{Item, Kind},
};
use crate::methods::prelude::*;

/// Work that is handed out at once when nothing is said, and at most.
const ITEMS: (usize, usize) = (4, 10);
/// Names what every node is asked when it drains.
const BASELINE: &str = "baseline-status";

params! {
    /// How much to take.
    {
        /// 1 to 10; 4 when absent.
        #[serde(default)]
        max_items: Option<usize>,
    } understood {}
}

/// The work.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    /// Grows with each change of the node's work; 0 when there was none.
    revision: i64,
    /// Most urgent first; the gateway has forgotten it.
    items: Vec<Item>,
    /// Whether there is more.
    has_more: bool,
}

pub(crate) struct PendingDrain;

impl Method for PendingDrain {
    const NAME: &'static str = "node.pending.drain";
    const ABOUT: &'static str = "A node takes the work that waited for it, most urgent first, and is asked how it is.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.work.taken");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        let limit = params.max_items.unwrap_or(ITEMS.0);
        if !(1..=ITEMS.1).contains(&limit) {
            let text = format!("invalid {} params: at /maxItems: must be between 1 and {}", Self::NAME, ITEMS.1);
            return Err(WireError::params(text).with("path", "params.maxItems"));
        }
        let state = call.state();
        let of = node_id.clone();
        let waits =
            state.store.read(move |reader| reader.node_work(&of)).await.map_err(|error| fault::store(&error))?;
        let (mut items, mut more, mut revision) = (Vec::new(), false, 0);
        if waits.iter().any(|work| Item::of(work).is_some()) {
            let audit = call.audit("node.work.taken", Self::NAME, Some(node_id.to_string()), Value::Null);
            let changes = vec![Change::Node(NodeChange::Take { node_id: node_id.clone(), limit })];
            let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
            let committed = written.map_err(|error| fault::store(&error))?;
            if let Some(Outcome::Node(NodeOutcome::Taken { work, more: left })) = committed.outcomes.first() {
                items = work.iter().filter_map(Item::of).collect();
                (more, revision) = (*left, committed.seq);
            }
        }
        if !more && !items.iter().any(|item| item.kind == Kind::Status) {
            if items.len() < limit {
                items.push(Item {
                    id: BASELINE.to_owned(),
                    kind: Kind::Status,
                    priority: "default",
                    created_at_ms: call.now_ms(),
                    expires_at_ms: None,
                });
            } else {
                more = true;
            }
        }
        Ok(Reply { node_id, revision, items, has_more: more })
    }
}

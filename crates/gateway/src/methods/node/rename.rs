//! `node.rename`: gives a node a name for people.

use openclaw_protocol::NodeId;
use openclaw_store::{Change, NodeChange, Transaction};

use crate::{methods::prelude::*, nodes::shown};

/// Bytes of a name.
const NAME_BYTES: usize = 256;

params! {
    /// Which node, and its name.
    {
        node_id: NodeId,
        /// At most 256 bytes, not blank.
        display_name: String,
    } understood {}
}

/// The name as it is kept.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    display_name: String,
}

pub(crate) struct Rename;

impl Method for Rename {
    const NAME: &'static str = "node.rename";
    const ABOUT: &'static str = "Gives a node a name for people; it wins over the one that the node has itself.";
    const ACCESS: Access = Access::Scope(Scope::Pairing);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.renamed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let Params { node_id, display_name } = params;
        let name = display_name.trim().to_owned();
        if name.is_empty() {
            return Err(WireError::params("displayName required").with("path", "params.displayName"));
        }
        if name.len() > NAME_BYTES || name.chars().any(char::is_control) {
            let text = format!("displayName: at most {NAME_BYTES} bytes, without control characters");
            return Err(WireError::params(text).with("path", "params.displayName"));
        }
        let known = state.nodes.table().node(&node_id).map(|node| node.about.clone());
        let about = known.or_else(|| shown::device_of(state, &node_id).as_ref().map(shown::about_device));
        let about = about.ok_or_else(|| WireError::not_found("unknown nodeId"))?;
        let audit = call.audit("node.renamed", Self::NAME, Some(node_id.to_string()), json!({ "name": name }));
        let change = NodeChange::Rename { node_id: node_id.clone(), name: name.clone(), about, at: call.now_ms() };
        let changes = vec![Change::Node(change)];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        state.nodes.keep(written.map_err(|error| fault::store(&error))?)?;
        Ok(Reply { node_id, display_name: name })
    }
}

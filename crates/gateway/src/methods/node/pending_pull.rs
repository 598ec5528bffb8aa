//! `node.pending.pull`: commands that wait for a node to be in the foreground.

use openclaw_core::record::{NodeTask, NodeWork};
use openclaw_protocol::NodeId;

use super::own;
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// A command that waits.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Action {
    /// Names it for `node.pending.ack`.
    id: String,
    /// What to do.
    command: String,
    /// Its parameters as JSON text.
    #[serde(rename = "paramsJSON")]
    params_json: Option<String>,
    /// Since when it waits.
    enqueued_at_ms: i64,
}

/// The commands.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    /// Oldest first. They wait until they are acknowledged.
    actions: Vec<Action>,
}

pub(crate) struct PendingPull;

impl Method for PendingPull {
    const NAME: &'static str = "node.pending.pull";
    const ABOUT: &'static str = "Commands that wait for a node to be in the foreground; node.pending.ack forgets them.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let node_id = own(&call, None)?;
        let state = call.state();
        let of = node_id.clone();
        let waits =
            state.store.read(move |reader| reader.node_work(&of)).await.map_err(|error| fault::store(&error))?;
        let active = state.active();
        let table = state.nodes.table();
        // What is no longer allowed is not handed out.
        let may = |command: &str| table.check(&node_id, command, &active.nodes.commands).is_ok();
        let action = |work: NodeWork| match work.task {
            NodeTask::Command { command, params_json, .. } if may(&command) => {
                Some(Action { id: work.id.to_string(), command, params_json, enqueued_at_ms: work.created_at })
            }
            _ => None,
        };
        let actions = waits.into_iter().filter_map(action).collect();
        drop(table);
        Ok(Reply { node_id, actions })
    }
}

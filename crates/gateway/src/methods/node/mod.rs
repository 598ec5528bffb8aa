//! Machines that offer commands.

mod approvals_get;
mod approvals_set;
mod describe;
mod event;
mod invoke;
mod invoke_progress;
mod invoke_result;
mod list;
mod pair_approve;
mod pair_list;
mod pair_reject;
mod pair_remove;
mod pair_request;
mod pair_verify;
mod pending_ack;
mod pending_drain;
mod pending_enqueue;
mod pending_pull;
mod plugin_surface_refresh;
mod plugin_tools_update;
mod rename;
mod runner_inventory_update;
mod skills_update;

use openclaw_core::record::NodeRequest;
use openclaw_protocol::{NodeId, WireError, detail};

use crate::{call::Call, nodes::Session, rpc::Row};

pub(super) const METHODS: &[Row] = &[
    Row::of::<approvals_get::NodeApprovalsGet>(),
    Row::of::<approvals_set::NodeApprovalsSet>(),
    Row::of::<describe::Describe>(),
    Row::of::<event::Event>(),
    Row::of::<invoke::Invoke>(),
    Row::of::<invoke_progress::InvokeProgress>(),
    Row::of::<invoke_result::InvokeResult>(),
    Row::of::<list::List>(),
    Row::of::<pair_approve::PairApprove>(),
    Row::of::<pair_list::PairList>(),
    Row::of::<pair_reject::PairReject>(),
    Row::of::<pair_remove::PairRemove>(),
    Row::of::<pair_request::PairRequest>(),
    Row::of::<pair_verify::PairVerify>(),
    Row::of::<pending_ack::PendingAck>(),
    Row::of::<pending_drain::PendingDrain>(),
    Row::of::<pending_enqueue::PendingEnqueue>(),
    Row::of::<pending_pull::PendingPull>(),
    Row::later::<plugin_surface_refresh::PluginSurfaceRefresh>(),
    Row::of::<plugin_tools_update::PluginToolsUpdate>(),
    Row::of::<rename::Rename>(),
    Row::of::<runner_inventory_update::RunnerInventoryUpdate>(),
    Row::of::<skills_update::SkillsUpdate>(),
];

/// The node that calls, which must be the one that it names, if it names one.
fn own(call: &Call, named: Option<&NodeId>) -> Result<NodeId, WireError> {
    let unknown = || WireError::unavailable(detail::INTERNAL, "this connection is no node's");
    let own = call.conn().node.clone().ok_or_else(unknown)?;
    if named.is_some_and(|named| *named != own) {
        return Err(WireError::params("nodeId mismatch").with("path", "params.nodeId"));
    }
    Ok(own)
}

/// Lets `change` change what the calling node tells while it is connected.
fn tell<T>(call: &Call, change: impl FnOnce(&mut Session) -> T) -> Result<T, WireError> {
    let node_id = own(call, None)?;
    let replaced = || {
        let text = "a newer connection of this node has taken its place";
        WireError::unavailable("PAIRING_CHANGED", text).retryable(None)
    };
    let mut table = call.state().nodes.table();
    table.own_session(&node_id, call.conn().number).map(change).ok_or_else(replaced)
}

fn unknown_request() -> WireError {
    WireError::not_found(
        "unknown requestId: it was decided already, the node asked for something else since, or it never was",
    )
}

/// The request that waits under this id.
fn waiting(call: &Call, request_id: &str) -> Result<NodeRequest, WireError> {
    let id = request_id.parse().map_err(|_| unknown_request())?;
    call.state().nodes.table().request(id).cloned().ok_or_else(unknown_request)
}

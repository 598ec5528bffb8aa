//! Nodes: machines that connect with role `node` and offer commands (PROTOCOL §8).
//!
//! One table behind one lock holds what the store keeps of each, who is connected, and which commands are at work. What a
//! node may do is worked out anew each time from what it declared, what an owner approved and what the configuration allows,
//! so an approval takes effect on the connection that is there.

mod approve;
mod arrival;
mod call;
mod policy;
mod repeats;
pub(crate) mod shown;
mod table;

use std::sync::{Mutex, MutexGuard, PoisonError};

use openclaw_config::Config;
use openclaw_core::record::{NodeRequest, NodeState};
use openclaw_protocol::{
    NodeId, WireError, detail,
    event::{Event, node::NodePairResolved},
};
use openclaw_store::{Committed, NodeOutcome, Outcome};
use uuid::Uuid;

pub(crate) use arrival::{Arrival, receive, surface};
pub(crate) use call::{Done, Order, invoke, needed};
pub(crate) use policy::{Commands, Life, scopes_to_approve};
pub(crate) use table::{Answer, Session, Table, Taken};

use self::repeats::Repeats;
use crate::{hub::ConnNumber, state::State};

/// What the configuration says about nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NodeSettings {
    /// Which commands.
    pub(crate) commands: Commands,
    /// Most milliseconds that a command may take.
    pub(crate) invoke_timeout_ms: u64,
}

impl NodeSettings {
    pub(crate) fn of(config: &Config) -> Self {
        let nodes = &config.gateway.nodes;
        Self {
            commands: Commands { allow: nodes.allow_commands.clone(), deny: nodes.deny_commands.clone() },
            invoke_timeout_ms: nodes.invoke_timeout_ms,
        }
    }
}

/// The nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    table: Mutex<Table>,
    repeats: Repeats,
}

/// A change of what is kept about a node, as the store made it.
pub(crate) struct Changed {
    pub(crate) state: NodeState,
    /// The request that no longer waits.
    pub(crate) settled: Option<NodeRequest>,
    /// Whether the request that waits is new.
    pub(crate) fresh: bool,
}

impl Nodes {
    /// What the store keeps; nobody is connected.
    pub(crate) fn new(states: Vec<NodeState>) -> Self {
        Self { table: Mutex::new(Table::new(states)), repeats: Repeats::default() }
    }

    pub(crate) fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection ended. `said_goodbye` tells whether its client wanted it so.
    pub(crate) fn left(&self, node_id: Option<&NodeId>, conn: ConnNumber, said_goodbye: bool) {
        let mut table = self.table();
        if let Some(node_id) = node_id {
            table.left(node_id, conn);
        }
        if said_goodbye && table.at_work() > 0 {
            table.caller_left(conn);
        }
    }

    /// Takes over what a transaction made of a node.
    pub(crate) fn keep(&self, committed: Committed) -> Result<Changed, WireError> {
        let seq = committed.seq;
        for outcome in committed.outcomes {
            if let Outcome::Node(NodeOutcome::State { state, settled, fresh }) = outcome {
                self.table().keep((*state).clone(), seq);
                return Ok(Changed { state: *state, settled: settled.map(|request| *request), fresh });
            }
        }
        Err(WireError::unavailable(detail::INTERNAL, "the store did not return the node"))
    }
}

/// Tells owners that a request waits.
pub(crate) fn told_requested(state: &State, request: &NodeRequest) {
    state.hub.publish(Event::NodePairRequested(shown::request(request).into()));
}

/// Tells owners, and the node if it is connected, what became of a request.
pub(crate) fn told_resolved(state: &State, request_id: Option<Uuid>, node_id: &NodeId, decision: &'static str) {
    let request_id = request_id.map(|id| id.to_string()).unwrap_or_default();
    let resolved = NodePairResolved { request_id, node_id: node_id.clone(), decision, ts: state.clock.now_ms() };
    let outbox = state.nodes.table().session(node_id).map(|session| std::sync::Arc::clone(&session.outbox));
    if let Some(outbox) = outbox {
        outbox.push(openclaw_protocol::event::node::direct("node.pair.resolved", &resolved));
    }
    state.hub.publish(Event::NodePairResolved(resolved));
}

/// Ends the live connections of a node.
pub(crate) fn close(state: &State, node_id: &NodeId, why: &str) {
    let reason = format!("client invalidated: {why}");
    let is_node = |principal: &openclaw_auth::Principal| {
        principal.role() == openclaw_protocol::Role::Node
            && principal.device_id().is_some_and(|device| device.as_str() == node_id.as_str())
    };
    state.hub.close_where(openclaw_protocol::close::FINAL, &reason, is_node);
    // One without a device is known by its connection alone.
    let conn = state.nodes.table().session(node_id).map(|session| session.conn);
    if let Some(conn) = conn {
        state.hub.turn_away(conn, openclaw_protocol::close::FINAL, &reason);
    }
}

//! What is known of nodes, who is connected, and which commands are at work: one table behind one lock. Time is passed in.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use openclaw_core::record::{Node, NodeAbout, NodeAsk, NodeRequest, NodeState, NodeSurface};
use openclaw_protocol::{
    NodeId,
    event::node::{NodeInvokeCancel, NodeInvokeProgress, NodeInvokeRequest, direct},
};
use serde_json::{Map, Value};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::policy::{Commands, Life, Platform};
use crate::{hub::ConnNumber, outbox::Outbox};

/// Commands that one node may have at work.
pub(crate) const IN_FLIGHT: usize = 64;
/// Commands at work, all nodes together.
const IN_FLIGHT_TOTAL: usize = 4096;
/// Bytes of progress that one command may tell.
const PROGRESS_BYTES: usize = 1 << 20;
/// Removed nodes whose removal is remembered, so that what was committed before it does not undo it.
const REMOVED: usize = 1024;

/// A node that is connected.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) conn: ConnNumber,
    pub(crate) conn_id: String,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) life: Life,
    pub(crate) declared: NodeSurface,
    pub(crate) about: NodeAbout,
    pub(crate) path_env: Option<String>,
    pub(crate) connected_at: i64,
    pub(crate) told: Told,
}

/// What a node tells while it is connected. Nothing of it outlives the connection: the node tells it again.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// When a person last used it, and when it said so.
    pub(crate) active: Option<(i64, i64)>,
    pub(crate) host_stats: Option<Arc<Map<String, Value>>>,
    pub(crate) plugin_tools: Vec<Value>,
    pub(crate) skills: Vec<Value>,
    pub(crate) runners: Option<Value>,
    /// When its last sign of life was kept.
    pub(crate) alive_kept_at: Option<i64>,
}

impl Session {
    pub(crate) fn platform(&self) -> Platform {
        Platform::of(self.about.platform.as_deref(), self.about.device_family.as_deref())
    }
}

/// What a node offers, cut to what it may.
pub(crate) fn effective(
    declared: &NodeSurface,
    approved: Option<&NodeSurface>,
    (platform, life): (Platform, Life),
    commands: &Commands,
) -> NodeSurface {
    let none = NodeSurface::default();
    let approved = match life {
        Life::Admitted => declared,
        Life::Reviewed => approved.unwrap_or(&none),
    };
    let in_both = |declared: &[String], approved: &[String]| -> Vec<String> {
        declared.iter().filter(|word| approved.binary_search(word).is_ok()).cloned().collect()
    };
    let mut offered = in_both(&declared.commands, &approved.commands);
    offered.retain(|command| commands.allows(platform, life, command));
    NodeSurface {
        caps: in_both(&declared.caps, &approved.caps),
        commands: offered,
        permissions: declared
            .permissions
            .iter()
            .filter(|(name, held)| !**held || approved.permissions.get(*name) == Some(&true))
            .map(|(name, held)| (name.clone(), *held))
            .collect(),
    }
}

/// Why a node is not asked to do something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Barred {
    /// It is not connected.
    NotConnected,
    /// Its platform does not do this, or the configuration forbids it.
    NotAllowed(Platform),
    /// It offers nothing.
    NothingDeclared,
    /// It does not offer this.
    NotDeclared,
    /// Nobody has approved this yet; the request that waits, if one does.
    NotApproved(Option<Uuid>),
    /// It has too much to do.
    Busy,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The node answered.
    Answered(Answer),
    /// The node is gone.
    Gone,
    /// Its caller said goodbye.
    Abandoned,
}

/// What a node answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    pub(crate) payload: Option<Value>,
    pub(crate) payload_json: Option<String>,
    pub(crate) error: Option<(Option<String>, Option<String>)>,
}

/// Who asked.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) conn: ConnNumber,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) request_id: String,
    /// Whether it wants to hear how the command goes on.
    pub(crate) progress: bool,
}

/// A command for a node.
pub(crate) struct Command<'a> {
    pub(crate) id: Uuid,
    pub(crate) node_id: &'a NodeId,
    pub(crate) command: &'a str,
    pub(crate) params_json: &'a str,
    pub(crate) timeout_ms: u64,
    pub(crate) key: &'a str,
}

#[derive(Debug)]
struct Pending {
    node_id: NodeId,
    /// The connection that it was sent over.
    node: (ConnNumber, Arc<Outbox>),
    caller: Caller,
    next_seq: u64,
    progress_bytes: usize,
    ended: oneshot::Sender<Ended>,
}

impl Pending {
    fn cancel(&self, id: Uuid) {
        self.node.1.push(direct("node.invoke.cancel", &NodeInvokeCancel { invoke_id: id, node_id: &self.node_id }));
    }
}

/// What a result or a part of one was worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It was waited for.
    Yes,
    /// Nobody waits for it any more, or it was told before.
    Late,
    /// It is somebody else's.
    Foreign,
}

#[derive(Debug)]
struct Kept {
    state: NodeState,
    /// Number of the transaction that left it like this.
    seq: i64,
}

impl Kept {
    /// Whether only the removal is left.
    const fn is_gone(&self) -> bool {
        self.state.node.is_none() && self.state.request.is_none()
    }
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    known: HashMap<NodeId, Kept>,
    sessions: HashMap<NodeId, Session>,
    pending: HashMap<Uuid, Pending>,
}

impl Table {
    pub(crate) fn new(states: Vec<NodeState>) -> Self {
        let known = states.into_iter().map(|state| (state.node_id.clone(), Kept { state, seq: 0 })).collect();
        Self { known, ..Self::default() }
    }

    /// Takes over what the store says after this transaction. Outcomes may arrive in another order than they were committed in.
    pub(crate) fn keep(&mut self, state: NodeState, seq: i64) {
        if self.known.get(&state.node_id).is_some_and(|kept| kept.seq > seq) {
            return;
        }
        let kept = Kept { state, seq };
        if kept.is_gone() && self.known.values().filter(|kept| kept.is_gone()).count() >= REMOVED {
            let oldest = self.known.values().filter(|kept| kept.is_gone()).min_by_key(|kept| kept.seq);
            if let Some(oldest) = oldest.map(|kept| kept.state.node_id.clone()) {
                self.known.remove(&oldest);
            }
        }
        self.known.insert(kept.state.node_id.clone(), kept);
    }

    pub(crate) fn node(&self, node_id: &NodeId) -> Option<&Node> {
        self.known.get(node_id)?.state.node.as_ref()
    }

    pub(crate) fn request_of(&self, node_id: &NodeId) -> Option<&NodeRequest> {
        self.known.get(node_id)?.state.request.as_ref()
    }

    pub(crate) fn request(&self, request_id: Uuid) -> Option<&NodeRequest> {
        self.requests().find(|request| request.request_id == request_id)
    }

    pub(crate) fn requests(&self) -> impl Iterator<Item = &NodeRequest> {
        self.known.values().filter_map(|kept| kept.state.request.as_ref())
    }

    pub(crate) fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.known.values().filter_map(|kept| kept.state.node.as_ref())
    }

    pub(crate) fn session(&self, node_id: &NodeId) -> Option<&Session> {
        self.sessions.get(node_id)
    }

    /// The node's session, when this is its connection and not an older one.
    pub(crate) fn own_session(&mut self, node_id: &NodeId, conn: ConnNumber) -> Option<&mut Session> {
        self.sessions.get_mut(node_id).filter(|session| session.conn == conn)
    }

    /// Notes a sign of life that is being kept without anybody waiting for it.
    pub(crate) fn seen(&mut self, node_id: &NodeId, at: i64, reason: &str, connected: bool) {
        let Some(node) = self.known.get_mut(node_id).and_then(|kept| kept.state.node.as_mut()) else { return };
        node.last_seen_at = Some(at);
        node.last_seen_reason = Some(reason.to_owned());
        if connected {
            node.last_connected_at = Some(at);
        }
    }

    /// Whether what a node says when it connects is all known, so that nobody has to wait for it to be kept.
    pub(crate) fn knows(&self, node_id: &NodeId, about: &NodeAbout, surface: &NodeSurface, life: Life) -> bool {
        let Some(node) = self.node(node_id).filter(|node| node.about == *about) else { return false };
        let within = node.approved.as_ref().is_some_and(|approved| surface.is_within(&approved.surface));
        let declared = self.request_of(node_id).filter(|request| request.ask == NodeAsk::Declared);
        match (life, within, declared) {
            (Life::Admitted, ..) | (Life::Reviewed, true, None) => true,
            (Life::Reviewed, false, Some(request)) => request.surface == *surface,
            _ => false,
        }
    }

    /// A node's newest connection is the one that gets its commands.
    pub(crate) fn joined(&mut self, node_id: NodeId, session: Session) {
        self.sessions.insert(node_id, session);
    }

    /// A connection of a node ended: whoever waits for something that was sent over it hears so at once.
    pub(crate) fn left(&mut self, node_id: &NodeId, conn: ConnNumber) {
        if self.sessions.get(node_id).is_some_and(|session| session.conn == conn) {
            self.sessions.remove(node_id);
        }
        for (_, pending) in self.pending.extract_if(|_, pending| pending.node.0 == conn) {
            let _ = pending.ended.send(Ended::Gone);
        }
    }

    /// A caller said goodbye: what it asked for is called off.
    pub(crate) fn caller_left(&mut self, conn: ConnNumber) {
        for (id, pending) in self.pending.extract_if(|_, pending| pending.caller.conn == conn) {
            pending.cancel(id);
            let _ = pending.ended.send(Ended::Abandoned);
        }
    }

    /// What a connected node may do.
    pub(crate) fn offered(&self, node_id: &NodeId, commands: &Commands) -> Option<NodeSurface> {
        let session = self.sessions.get(node_id)?;
        let approved = self.node(node_id).and_then(|node| node.approved.as_ref()).map(|approved| &approved.surface);
        Some(effective(&session.declared, approved, (session.platform(), session.life), commands))
    }

    /// Whether a node may be asked for this.
    pub(crate) fn check(&self, node_id: &NodeId, command: &str, commands: &Commands) -> Result<(), Barred> {
        let session = self.sessions.get(node_id).ok_or(Barred::NotConnected)?;
        if !commands.allows(session.platform(), session.life, command) {
            return Err(Barred::NotAllowed(session.platform()));
        }
        if session.declared.commands.is_empty() {
            return Err(Barred::NothingDeclared);
        }
        let holds = |list: &[String]| list.iter().any(|word| word == command);
        if !holds(&session.declared.commands) {
            return Err(Barred::NotDeclared);
        }
        let approved = || self.node(node_id).and_then(|node| node.approved.as_ref());
        if session.life == Life::Reviewed && !approved().is_some_and(|approved| holds(&approved.surface.commands)) {
            return Err(Barred::NotApproved(self.request_of(node_id).map(|request| request.request_id)));
        }
        Ok(())
    }

    /// Sends a command, if the node may be asked for it. Its end comes over the channel.
    pub(crate) fn dispatch(
        &mut self,
        command: &Command<'_>,
        caller: Caller,
        commands: &Commands,
    ) -> Result<oneshot::Receiver<Ended>, Barred> {
        self.check(command.node_id, command.command, commands)?;
        let of_node = self.pending.values().filter(|pending| pending.node_id == *command.node_id).count();
        if of_node >= IN_FLIGHT || self.pending.len() >= IN_FLIGHT_TOTAL {
            return Err(Barred::Busy);
        }
        let session = self.sessions.get(command.node_id).ok_or(Barred::NotConnected)?;
        let request = NodeInvokeRequest {
            id: command.id,
            node_id: command.node_id,
            command: command.command,
            params_json: command.params_json,
            timeout_ms: command.timeout_ms,
            idempotency_key: command.key,
        };
        let (ended, end) = oneshot::channel();
        let pending = Pending {
            node_id: command.node_id.clone(),
            node: (session.conn, Arc::clone(&session.outbox)),
            caller,
            next_seq: 0,
            progress_bytes: 0,
            ended,
        };
        session.outbox.push(direct("node.invoke.request", &request));
        self.pending.insert(command.id, pending);
        Ok(end)
    }

    /// Calls a command off, if it has not ended. Whether it was still at work.
    pub(crate) fn call_off(&mut self, id: Uuid) -> bool {
        let pending = self.pending.remove(&id);
        if let Some(pending) = &pending {
            pending.cancel(id);
        }
        pending.is_some()
    }

    /// A node answers.
    pub(crate) fn answered(&mut self, node_id: &NodeId, id: Uuid, answer: Answer) -> Taken {
        match self.pending.get(&id) {
            None => Taken::Late,
            Some(pending) if pending.node_id != *node_id => Taken::Foreign,
            Some(_) => {
                if let Some(pending) = self.pending.remove(&id) {
                    let _ = pending.ended.send(Ended::Answered(answer));
                }
                Taken::Yes
            }
        }
    }

    /// A node tells how a command goes on.
    pub(crate) fn progressed(&mut self, node_id: &NodeId, id: Uuid, seq: u64, chunk: &str) -> Taken {
        let Some(pending) = self.pending.get_mut(&id) else { return Taken::Late };
        if pending.node_id != *node_id {
            return Taken::Foreign;
        }
        if seq < pending.next_seq || pending.progress_bytes + chunk.len() > PROGRESS_BYTES {
            return Taken::Late;
        }
        pending.next_seq = seq + 1;
        pending.progress_bytes += chunk.len();
        if pending.caller.progress {
            let request_id = &pending.caller.request_id;
            let progress = NodeInvokeProgress { request_id, invoke_id: id, node_id, seq, chunk };
            pending.caller.outbox.push(direct("node.invoke.progress", &progress));
        }
        Taken::Yes
    }

    /// Whether a connected node may do more than say that it is there: an owner approved something of it, or nobody has to.
    pub(crate) fn is_approved(&self, node_id: &NodeId) -> bool {
        let life = self.sessions.get(node_id).map(|session| session.life);
        match life {
            Some(Life::Admitted) => true,
            Some(Life::Reviewed) => self.node(node_id).is_some_and(|node| node.approved.is_some()),
            None => false,
        }
    }

    /// Every identifier that is known or connected.
    pub(crate) fn ids(&self) -> BTreeSet<NodeId> {
        let known = self.known.values().filter(|kept| kept.state.node.is_some());
        known.map(|kept| &kept.state.node_id).chain(self.sessions.keys()).cloned().collect()
    }

    /// Commands at work.
    pub(crate) fn at_work(&self) -> usize {
        self.pending.len()
    }
}

#[cfg(test)]
mod tests;

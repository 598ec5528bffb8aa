//! Changes of nodes.

use openclaw_core::record::{NodeAbout, NodeAsk, NodeRequest, NodeState, NodeSurface, NodeWork};
use openclaw_protocol::NodeId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most nodes that are remembered, and most requests of nodes that wait.
pub const MAX_NODES: usize = 1_000;
/// Most work that waits for one node.
pub const MAX_NODE_WORK: usize = 64;

/// Whether an owner decides about what a node declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// Yes: more than is approved makes a request.
    Owner,
    /// No: the admission of its device is enough.
    None,
}

/// What a node says when it connects, or what somebody says about one.
#[derive(Clone, Debug)]
pub struct NodeSaid {
    /// Who.
    pub node_id: NodeId,
    /// About itself.
    pub about: NodeAbout,
    /// What it offers.
    pub surface: NodeSurface,
    /// When.
    pub at: i64,
}

/// One change of what is kept about nodes.
#[derive(Clone, Debug)]
pub enum NodeChange {
    /// A node connected. Makes it known, and with [`Review::Owner`] keeps a request for what is not approved yet; the one that waited
    /// before stays when it is for the same, and goes otherwise. → [`NodeOutcome::State`]
    Connected {
        /// What it says.
        said: NodeSaid,
        /// Whether an owner decides.
        review: Review,
        /// Identifier of a new request.
        request_id: Uuid,
        /// Whether nobody needs to be disturbed.
        silent: bool,
    },
    /// Somebody announces a node: keeps a request, unless the same waits already. → [`NodeOutcome::State`]
    Announce {
        /// What is said about it.
        said: NodeSaid,
        /// Identifier of a new request.
        request_id: Uuid,
        /// Whether nobody needs to be disturbed.
        silent: bool,
    },
    /// An owner approves. [`Error::NotFound`](crate::Error::NotFound) when that request no longer waits. → [`NodeOutcome::State`]
    Approve {
        /// Which request.
        request_id: Uuid,
        /// When.
        at: i64,
        /// Hash of the token that is given out for an announced node.
        token_hash: String,
    },
    /// An owner says no. [`Error::NotFound`](crate::Error::NotFound) when that request no longer waits. → [`NodeOutcome::State`]
    Reject {
        /// Which request.
        request_id: Uuid,
    },
    /// Gives a node a name, and makes it known if only its device is. → [`NodeOutcome::State`]
    Rename {
        /// Which.
        node_id: NodeId,
        /// The name.
        name: String,
        /// What is known about it otherwise.
        about: NodeAbout,
        /// When.
        at: i64,
    },
    /// A node gave a sign of life. One that is not known stays so. → [`NodeOutcome::State`]
    Seen {
        /// Which.
        node_id: NodeId,
        /// When.
        at: i64,
        /// Which sign.
        reason: String,
        /// Whether it connected.
        connected: bool,
    },
    /// Forgets a node, its request and its work. → [`NodeOutcome::State`]
    Remove {
        /// Which.
        node_id: NodeId,
    },
    /// Keeps work for a node; work that is the same and waits already is answered instead. At most [`MAX_NODE_WORK`]. →
    /// [`NodeOutcome::Queued`]
    Enqueue {
        /// The work.
        work: NodeWork,
    },
    /// Hands out work that is no command, most urgent first, and forgets it. → [`NodeOutcome::Taken`]
    Take {
        /// For whom.
        node_id: NodeId,
        /// How much at most.
        limit: usize,
    },
    /// Forgets commands that the node has dealt with. → [`NodeOutcome::Acknowledged`]
    Acknowledge {
        /// Who.
        node_id: NodeId,
        /// Which.
        ids: Vec<Uuid>,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NodeOutcome {
    /// Everything that is kept about the node now.
    State {
        /// It.
        state: Box<NodeState>,
        /// The request that no longer waits: decided, or for something that the node no longer asks for.
        settled: Option<Box<NodeRequest>>,
        /// Whether the request that waits is new.
        fresh: bool,
    },
    /// The work that waits, and whether it is new.
    Queued {
        /// It.
        work: Box<NodeWork>,
        /// Whether it was not there before.
        fresh: bool,
    },
    /// Work that was handed out.
    Taken {
        /// It, most urgent first.
        work: Vec<NodeWork>,
        /// Whether there is more.
        more: bool,
    },
    /// How many commands still wait.
    Acknowledged {
        /// So many.
        remaining: usize,
    },
}

impl NodeSaid {
    pub(crate) fn request(&self, request_id: Uuid, ask: NodeAsk, silent: bool) -> NodeRequest {
        NodeRequest {
            request_id,
            node_id: self.node_id.clone(),
            ask,
            about: self.about.clone(),
            surface: self.surface.clone(),
            silent,
            ts: self.at,
        }
    }
}

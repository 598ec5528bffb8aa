//! `node.pending.enqueue`: keeps work for a node that sleeps.

use openclaw_core::record::{NodePriority, NodeTask, NodeWork};
use openclaw_protocol::NodeId;
use openclaw_store::{Change, NodeChange, NodeOutcome, Outcome, Transaction};

use crate::{methods::prelude::*, nodes::shown};

/// How long work waits when nothing is said, and at most, milliseconds.
const A_DAY_MS: u64 = 86_400_000;
/// How long it waits at least.
const A_SECOND_MS: u64 = 1_000;

params! {
    /// What to keep, and for whom.
    {
        node_id: NodeId,
        /// What the node is to do.
        #[serde(rename = "type")]
        kind: Kind,
        /// How urgent; `normal` when absent.
        #[serde(default)]
        priority: Option<Priority>,
        /// When it is given up, milliseconds from now, 1,000 to 86,400,000; a day when absent.
        #[serde(default)]
        expires_in_ms: Option<u64>,
    } understood { wake }
}

/// What a node is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) enum Kind {
    /// Say how it is.
    #[serde(rename = "status.request")]
    Status,
    /// Say where it is.
    #[serde(rename = "location.request")]
    Location,
}

/// How urgent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Priority {
    /// Before everything else.
    High,
    /// As it comes.
    Normal,
}

/// Work that waits.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Item {
    /// Names it.
    pub(super) id: String,
    /// What to do.
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    /// `high`, `normal`, or `default` for what every node is asked.
    pub(super) priority: &'static str,
    /// Since when it waits.
    pub(super) created_at_ms: i64,
    /// When it is given up; `null` for never.
    pub(super) expires_at_ms: Option<i64>,
}

impl Item {
    /// As nodes see it; `None` for a command.
    pub(super) fn of(work: &NodeWork) -> Option<Self> {
        let kind = match work.task {
            NodeTask::Status => Kind::Status,
            NodeTask::Location => Kind::Location,
            NodeTask::Command { .. } => return None,
        };
        Some(Self {
            id: work.id.to_string(),
            kind,
            priority: match work.priority {
                NodePriority::High => "high",
                NodePriority::Normal => "normal",
            },
            created_at_ms: work.created_at,
            expires_at_ms: Some(work.expires_at),
        })
    }
}

/// What waits now.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    node_id: NodeId,
    /// Grows with each change of the node's work.
    revision: i64,
    /// It, or the same that waits already.
    queued: Item,
    /// Whether the node was woken: this gateway has no way to do that.
    wake_triggered: bool,
}

pub(crate) struct PendingEnqueue;

impl Method for PendingEnqueue {
    const NAME: &'static str = "node.pending.enqueue";
    const ABOUT: &'static str = "Keeps work for a node until it asks for it; the same work waits once.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.work.queued");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let node_id = params.node_id;
        let time = params.expires_in_ms.unwrap_or(A_DAY_MS);
        if !(A_SECOND_MS..=A_DAY_MS).contains(&time) {
            let text =
                format!("invalid {} params: at /expiresInMs: must be between {A_SECOND_MS} and {A_DAY_MS}", Self::NAME);
            return Err(WireError::params(text).with("path", "params.expiresInMs"));
        }
        if shown::row(state, &node_id).is_none() {
            return Err(WireError::not_found("unknown nodeId"));
        }
        let now = call.now_ms();
        let work = NodeWork {
            id: state.ids.uuid(),
            node_id: node_id.clone(),
            task: match params.kind {
                Kind::Status => NodeTask::Status,
                Kind::Location => NodeTask::Location,
            },
            priority: match params.priority {
                Some(Priority::High) => NodePriority::High,
                Some(Priority::Normal) | None => NodePriority::Normal,
            },
            created_at: now,
            expires_at: now.saturating_add(i64::try_from(time).unwrap_or(i64::MAX)),
        };
        let detail = json!({ "type": params.kind });
        let audit = call.audit("node.work.queued", Self::NAME, Some(node_id.to_string()), detail);
        let changes = vec![Change::Node(NodeChange::Enqueue { work })];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        let committed = written.map_err(|error| fault::store(&error))?;
        let queued = match committed.outcomes.first() {
            Some(Outcome::Node(NodeOutcome::Queued { work, .. })) => Item::of(work),
            _ => None,
        };
        let lost = || WireError::unavailable(detail::INTERNAL, "the store did not return the work");
        Ok(Reply { node_id, revision: committed.seq, queued: queued.ok_or_else(lost)?, wake_triggered: false })
    }
}

//! What is told about nodes, and to them (PROTOCOL §7).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{NodeId, Scope, frame::event_open};

/// A node's surface that waits for an owner (`node.pair.requested`, and `pending` of `node.pair.list`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodePairRequest {
    /// Names the request for its approval.
    pub request_id: String,
    /// Which node.
    pub node_id: NodeId,
    /// What it says about itself.
    #[serde(flatten)]
    pub about: NodeAbout,
    /// Features that it wants to offer.
    pub caps: Vec<String>,
    /// Commands that it wants to offer.
    pub commands: Vec<String>,
    /// Scopes that somebody needs to approve it.
    pub required_approve_scopes: Vec<Scope>,
    /// What its operating system allows it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub permissions: BTreeMap<String, bool>,
    /// Whether nobody needs to be disturbed for it.
    pub silent: bool,
    /// When it asked.
    pub ts: i64,
}

/// What a node says about itself, as lists and events show it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeAbout {
    /// Name for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For example `linux`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Version of its core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core_version: Option<String>,
    /// Version of its interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ui_version: Option<String>,
    /// `client.id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// `client.mode`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_mode: Option<String>,
    /// For example `iPhone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_family: Option<String>,
    /// For example `MacBookPro18,3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_identifier: Option<String>,
    /// Where it connects from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<String>,
}

/// A node's surface was decided about (`node.pair.resolved`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodePairResolved {
    /// Which request; empty for a removal, which answers none.
    pub request_id: String,
    /// Which node.
    pub node_id: NodeId,
    /// `approved`, `rejected` or `removed`.
    pub decision: &'static str,
    /// When.
    pub ts: i64,
}

/// Somebody used a node, or it no longer tells (`node.presence`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodePresence {
    /// Which node.
    pub node_id: NodeId,
    /// When it was last used by a person.
    pub last_active_at_ms: Option<i64>,
    /// When it told so.
    pub presence_updated_at_ms: Option<i64>,
}

/// How the machine of a node is doing (`node.hostStats`).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeHostStats {
    /// Which node.
    pub node_id: NodeId,
    /// What it told, and `updatedAtMs`.
    pub host_stats: serde_json::Map<String, serde_json::Value>,
}

/// A command for a node (`node.invoke.request`), to that node alone and without `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInvokeRequest<'a> {
    /// Names the invocation.
    pub id: Uuid,
    /// The node.
    pub node_id: &'a NodeId,
    /// What to do.
    pub command: &'a str,
    /// Its parameters as JSON text.
    #[serde(rename = "paramsJSON")]
    pub params_json: &'a str,
    /// Time that is left, milliseconds.
    pub timeout_ms: u64,
    /// The same key is the same work.
    pub idempotency_key: &'a str,
}

/// Nobody waits for this invocation any more (`node.invoke.cancel`), to the node alone and without `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInvokeCancel<'a> {
    /// Which invocation.
    pub invoke_id: Uuid,
    /// The node.
    pub node_id: &'a NodeId,
}

/// A part of what a command says while it runs (`node.invoke.progress`), to a caller that asked for it and without `seq`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeInvokeProgress<'a> {
    /// The `id` of the caller's request.
    pub request_id: &'a str,
    /// Which invocation.
    pub invoke_id: Uuid,
    /// The node.
    pub node_id: &'a NodeId,
    /// Position of the part, from 0.
    pub seq: u64,
    /// The part.
    pub chunk: &'a str,
}

/// A whole event frame for one connection, without `seq`.
#[must_use]
pub fn direct(name: &str, payload: &impl Serialize) -> Vec<u8> {
    let mut frame = event_open(name, payload, None);
    frame.push(b'}');
    frame
}

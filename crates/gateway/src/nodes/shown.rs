//! Nodes as lists and events show them.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_core::record::{self, Device, Node, NodeRequest};
use openclaw_protocol::{NodeId, Role, event::node::NodeAbout, event::node::NodePairRequest};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Life, scopes_to_approve, table::effective};
use crate::state::State;

/// How far an owner has come with a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Approval {
    /// Everything that it declared last is approved.
    Approved,
    /// Its first declaration waits.
    #[serde(rename = "pending-approval")]
    Waiting,
    /// It is approved, and asks for more.
    #[serde(rename = "pending-reapproval")]
    WaitingAgain,
    /// Nothing is approved and nothing waits.
    Unapproved,
}

/// A row of `node.list`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NodeRow {
    /// Its identifier.
    pub(crate) node_id: NodeId,
    /// What it says about itself.
    #[serde(flatten)]
    pub(crate) about: NodeAbout,
    /// Features that it may use.
    pub(crate) caps: Vec<String>,
    /// Commands that it may be asked for.
    pub(crate) commands: Vec<String>,
    /// What its operating system allows it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) permissions: BTreeMap<String, bool>,
    /// Its search path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) path_env: Option<String>,
    /// Whether it hosts sessions; no node of this gateway does.
    pub(crate) session_host: bool,
    /// Tools that it offers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) node_plugin_tools: Option<Vec<Value>>,
    /// How its machine is doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) host_stats: Option<Map<String, Value>>,
    /// How far an owner has come with it.
    pub(crate) approval_state: Approval,
    /// The request that waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_request_id: Option<String>,
    /// What that asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_declared_caps: Option<Vec<String>>,
    /// What that asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_declared_commands: Option<Vec<String>>,
    /// What that asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_declared_permissions: Option<BTreeMap<String, bool>>,
    /// Names its connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conn_id: Option<String>,
    /// Since when it is connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) connected_at_ms: Option<i64>,
    /// When it last connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_connected_at_ms: Option<i64>,
    /// When it last gave a sign of life that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at_ms: Option<i64>,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_reason: Option<String>,
    /// When a person last used it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_active_at_ms: Option<i64>,
    /// When it said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) presence_updated_at_ms: Option<i64>,
    /// When it was approved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) approved_at_ms: Option<i64>,
    /// Whether its device is admitted, or an owner approved it.
    pub(crate) paired: bool,
    /// Whether it is connected.
    pub(crate) connected: bool,
}

/// A node that an owner approved, as `node.pair.list` and `node.pair.approve` show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PairedNode {
    /// Its identifier.
    pub(crate) node_id: NodeId,
    /// What it says about itself.
    #[serde(flatten)]
    pub(crate) about: NodeAbout,
    /// Features.
    pub(crate) caps: Vec<String>,
    /// Commands.
    pub(crate) commands: Vec<String>,
    /// What its operating system allows it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) permissions: BTreeMap<String, bool>,
    /// When it was first heard of.
    pub(crate) created_at_ms: i64,
    /// When it was approved.
    pub(crate) approved_at_ms: i64,
    /// When it last gave a sign of life that was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_at_ms: Option<i64>,
    /// Which one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_seen_reason: Option<String>,
    /// When it last connected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_connected_at_ms: Option<i64>,
    /// The token of a node that was announced, told once, to clients of before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
}

/// An approved node; `None` when nothing of it is approved.
pub(crate) fn paired(node: &Node) -> Option<PairedNode> {
    let approved = node.approved.clone()?;
    Some(PairedNode {
        node_id: node.node_id.clone(),
        about: about(&node.about, node.display_name()),
        caps: approved.surface.caps,
        commands: approved.surface.commands,
        permissions: approved.surface.permissions,
        created_at_ms: node.created_at,
        approved_at_ms: approved.at,
        last_seen_at_ms: node.last_seen_at,
        last_seen_reason: node.last_seen_reason.clone(),
        last_connected_at_ms: node.last_connected_at,
        token: None,
    })
}

/// A request that waits.
pub(crate) fn request(request: &NodeRequest) -> NodePairRequest {
    NodePairRequest {
        request_id: request.request_id.to_string(),
        node_id: request.node_id.clone(),
        about: about(&request.about, request.about.display_name.as_deref()),
        caps: request.surface.caps.clone(),
        commands: request.surface.commands.clone(),
        required_approve_scopes: scopes_to_approve(&request.surface.commands),
        permissions: request.surface.permissions.clone(),
        silent: request.silent,
        ts: request.ts,
    }
}

fn about(about: &record::NodeAbout, name: Option<&str>) -> NodeAbout {
    NodeAbout {
        display_name: name.map(str::to_owned),
        platform: about.platform.clone(),
        version: about.version.clone(),
        core_version: about.core_version.clone(),
        ui_version: about.ui_version.clone(),
        client_id: about.client_id.clone(),
        client_mode: about.client_mode.clone(),
        device_family: about.device_family.clone(),
        model_identifier: about.model_identifier.clone(),
        remote_ip: about.remote_ip.clone(),
    }
}

/// What is known of a node from its device alone.
pub(crate) fn about_device(device: &Device) -> record::NodeAbout {
    record::NodeAbout {
        display_name: device.display_name.clone(),
        platform: device.platform.clone(),
        device_family: device.device_family.clone(),
        client_id: device.client_id.clone(),
        client_mode: device.client_mode.clone(),
        remote_ip: device.remote_ip.clone(),
        ..record::NodeAbout::default()
    }
}

/// The admitted device of a node.
pub(crate) fn device_of(state: &State, node_id: &NodeId) -> Option<Device> {
    state.devices.get(node_id.as_str()).filter(|device| device.roles.contains(&Role::Node))
}

/// Every node that is known, connected or admitted: those that are connected first, then by name.
pub(crate) fn rows(state: &State) -> Vec<NodeRow> {
    let devices = state.devices.list().into_iter().filter(|device| device.roles.contains(&Role::Node));
    let mut ids: std::collections::BTreeSet<NodeId> =
        devices.filter_map(|device| NodeId::new(device.device_id.as_str()).ok()).collect();
    ids.extend(state.nodes.table().ids());
    let mut rows: Vec<NodeRow> = ids.iter().filter_map(|id| row(state, id)).collect();
    rows.sort_by(|one, other| {
        let name = |row: &NodeRow| row.about.display_name.clone().unwrap_or_default().to_lowercase();
        (!one.connected, name(one), &one.node_id).cmp(&(!other.connected, name(other), &other.node_id))
    });
    rows
}

/// One node.
pub(crate) fn row(state: &State, node_id: &NodeId) -> Option<NodeRow> {
    let device = device_of(state, node_id);
    let active = state.active();
    let commands = &active.nodes.commands;
    let table = state.nodes.table();
    let (node, session, request) = (table.node(node_id), table.session(node_id), table.request_of(node_id));
    let said = session.map(|session| &session.about).or(node.map(|node| &node.about)).cloned();
    let said = said.or_else(|| device.as_ref().map(about_device))?;
    let name = node.and_then(|node| node.name.clone()).or_else(|| said.display_name.clone());
    let approved = node.and_then(|node| node.approved.as_ref());
    let offered = table.offered(node_id, commands).or_else(|| {
        let approved = &approved?.surface;
        let platform = super::policy::Platform::of(said.platform.as_deref(), said.device_family.as_deref());
        Some(effective(approved, Some(approved), (platform, Life::Reviewed), commands))
    });
    let offered = offered.unwrap_or_default();
    let admitted = session.is_some_and(|session| session.life == Life::Admitted);
    let approval_state = match (approved, request) {
        (None, Some(_)) => Approval::Waiting,
        (Some(_), Some(_)) => Approval::WaitingAgain,
        (Some(_), None) => Approval::Approved,
        (None, None) if admitted => Approval::Approved,
        (None, None) => Approval::Unapproved,
    };
    let told = session.map(|session| &session.told);
    Some(NodeRow {
        node_id: node_id.clone(),
        about: about(&said, name.as_deref()),
        caps: offered.caps,
        commands: offered.commands,
        permissions: offered.permissions,
        path_env: session.and_then(|session| session.path_env.clone()),
        session_host: false,
        node_plugin_tools: told.map(|told| told.plugin_tools.clone()),
        host_stats: told.and_then(|told| told.host_stats.as_ref()).map(|stats| Arc::unwrap_or_clone(Arc::clone(stats))),
        approval_state,
        pending_request_id: request.map(|request| request.request_id.to_string()),
        pending_declared_caps: request.map(|request| request.surface.caps.clone()),
        pending_declared_commands: request.map(|request| request.surface.commands.clone()),
        pending_declared_permissions: request
            .map(|request| request.surface.permissions.clone())
            .filter(|permissions| !permissions.is_empty()),
        conn_id: session.map(|session| session.conn_id.clone()),
        connected_at_ms: session.map(|session| session.connected_at),
        last_connected_at_ms: node.and_then(|node| node.last_connected_at),
        last_seen_at_ms: node
            .and_then(|node| node.last_seen_at)
            .or_else(|| device.as_ref().and_then(|device| device.last_seen_at)),
        last_seen_reason: node.and_then(|node| node.last_seen_reason.clone()),
        last_active_at_ms: told.and_then(|told| told.active).map(|(at, _)| at),
        presence_updated_at_ms: told.and_then(|told| told.active).map(|(_, told)| told),
        approved_at_ms: approved
            .map(|approved| approved.at)
            .or_else(|| device.as_ref().map(|device| device.approved_at)),
        paired: device.is_some() || approved.is_some(),
        connected: session.is_some(),
    })
}

//! A node connects: what it declares is kept before it is let in, and an owner is asked about what is not approved yet.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_core::record::{AuditEvent, NodeAbout, NodeSurface};
use openclaw_protocol::{Dialect, NodeId, Role, WireError, close, connect::ConnectParams, detail};
use openclaw_store::{Change, NodeChange, NodeSaid, Review, Transaction};
use serde_json::json;

use super::{Life, Session, table::Told, told_requested, told_resolved};
use crate::{
    admission::{Admitted, Refused},
    call::Conn,
    connection::Peer,
    fault,
    state::State,
};

/// Features, and permissions, that a node may declare.
const WORDS: usize = 128;
/// Commands that a node may declare.
const COMMANDS: usize = 256;
/// Bytes of one such word.
const WORD_BYTES: usize = 128;
/// Bytes of what a node says about itself, each.
const ABOUT_BYTES: usize = 256;
/// Bytes of a search path.
const PATH_BYTES: usize = 8 * 1024;

/// A node that may come in, and whose declaration is kept.
pub(crate) struct Arrival {
    pub(crate) node_id: NodeId,
    life: Life,
    surface: NodeSurface,
    about: NodeAbout,
    path_env: Option<String>,
}

/// Keeps what a node declares. `None` for whoever is no node.
pub(crate) async fn receive(
    state: &Arc<State>,
    params: &ConnectParams,
    dialect: Dialect,
    peer: &Peer,
    admitted: &Admitted,
) -> Result<Option<Arrival>, Refused> {
    if admitted.principal.role() != Role::Node {
        return Ok(None);
    }
    let refused =
        |error: WireError| Refused { reason: error.message.to_string(), error, code: close::POLICY, delay: None };
    let node_id = identity(state, params, admitted).map_err(refused)?;
    let declared = surface(&params.caps, &params.commands, params.permissions.as_ref()).map_err(refused)?;
    let life = Life::of(dialect);
    let arrival = Arrival {
        node_id,
        life,
        surface: declared,
        about: about(params, peer),
        path_env: params.path_env.clone().filter(|path| !path.is_empty() && path.len() <= PATH_BYTES),
    };
    let now = state.clock.now_ms();
    let audit = AuditEvent {
        event: "node.connected".to_owned(),
        severity: "info".to_owned(),
        actor: admitted.principal.audit_name(),
        ip: Some(peer.ip.to_string()),
        method: Some("connect".to_owned()),
        target: Some(arrival.node_id.to_string()),
        outcome: "ok".to_owned(),
        reason: None,
        detail: json!({ "commands": arrival.surface.commands.len(), "caps": arrival.surface.caps.len() }),
    };
    if state.nodes.table().knows(&arrival.node_id, &arrival.about, &arrival.surface, life) {
        let node_id = arrival.node_id.clone();
        let change = NodeChange::Seen { node_id, at: now, reason: "connect".to_owned(), connected: true };
        state.store.write_detached(Transaction { changes: vec![Change::Node(change)], audit, idempotency: None });
        state.nodes.table().seen(&arrival.node_id, now, "connect", true);
        return Ok(Some(arrival));
    }
    let said = NodeSaid {
        node_id: arrival.node_id.clone(),
        about: arrival.about.clone(),
        surface: arrival.surface.clone(),
        at: now,
    };
    let review = match life {
        Life::Reviewed => Review::Owner,
        Life::Admitted => Review::None,
    };
    let change = NodeChange::Connected { said, review, request_id: state.ids.uuid(), silent: peer.direct_loopback };
    let written =
        state.store.write(Transaction { changes: vec![Change::Node(change)], audit, idempotency: None }).await;
    let committed = written.map_err(|error| refused(fault::store(&error)))?;
    let changed = state.nodes.keep(committed).map_err(refused)?;
    if let Some(settled) = &changed.settled {
        told_resolved(state, Some(settled.request_id), &settled.node_id, "rejected");
    }
    if let Some(request) = changed.state.request.filter(|_| changed.fresh) {
        told_requested(state, &request);
    }
    Ok(Some(arrival))
}

impl Arrival {
    /// The session of a connection that joined the hub.
    pub(crate) fn join(self, state: &State, conn: &Conn) {
        let session = Session {
            conn: conn.number,
            conn_id: conn.id.clone(),
            outbox: Arc::clone(&conn.outbox),
            life: self.life,
            declared: self.surface,
            about: self.about,
            path_env: self.path_env,
            connected_at: state.clock.now_ms(),
            told: Told::default(),
        };
        state.nodes.table().joined(self.node_id, session);
    }
}

/// The device's id, or `client.id` of one without a device, which must not be the name of a device.
fn identity(state: &State, params: &ConnectParams, admitted: &Admitted) -> Result<NodeId, WireError> {
    if let Some(device) = admitted.principal.device_id() {
        return NodeId::new(device.as_str()).map_err(|error| WireError::params(error.to_string()));
    }
    let invalid = |text: String| WireError::params(format!("invalid connect params: at /client/id: {text}"));
    if state.devices.get(&params.client.id).is_some() {
        return Err(invalid("names a device; sign with its key".to_owned()));
    }
    NodeId::new(params.client.id.as_str()).map_err(|error| invalid(error.to_string()))
}

/// What a node declares, in order, each word once.
///
/// # Errors
/// When it declares too much.
pub(crate) fn surface(
    caps: &[String],
    commands: &[String],
    permissions: Option<&BTreeMap<String, bool>>,
) -> Result<NodeSurface, WireError> {
    let too_much = |what: &str, most: usize| {
        let text = format!("a node declares at most {most} {what}, each of at most {WORD_BYTES} bytes");
        Err(WireError::invalid(detail::INVALID_PARAMS, text))
    };
    let words = |list: &[String]| -> Vec<String> {
        let words = list.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
        let unique: std::collections::BTreeSet<String> = words.map(str::to_owned).collect();
        unique.into_iter().collect()
    };
    let long = |list: &[String]| list.iter().any(|word| word.len() > WORD_BYTES || word.chars().any(char::is_control));
    let surface = NodeSurface {
        caps: words(caps),
        commands: words(commands),
        permissions: permissions.cloned().unwrap_or_default(),
    };
    if surface.caps.len() > WORDS || long(&surface.caps) {
        return too_much("caps", WORDS);
    }
    if surface.commands.len() > COMMANDS || long(&surface.commands) {
        return too_much("commands", COMMANDS);
    }
    let names: Vec<String> = surface.permissions.keys().cloned().collect();
    if names.len() > WORDS || long(&names) {
        return too_much("permissions", WORDS);
    }
    Ok(surface)
}

fn about(params: &ConnectParams, peer: &Peer) -> NodeAbout {
    let word = |word: Option<&str>| {
        word.map(str::trim)
            .filter(|word| !word.is_empty() && word.len() <= ABOUT_BYTES && !word.chars().any(char::is_control))
            .map(str::to_owned)
    };
    let client = &params.client;
    NodeAbout {
        display_name: word(client.display_name.as_deref()),
        platform: word(client.platform.as_deref()),
        version: word(client.version.as_deref()),
        core_version: None,
        ui_version: None,
        device_family: word(client.device_family.as_deref()),
        model_identifier: word(client.model_identifier.as_deref()),
        client_id: word(Some(&client.id)),
        client_mode: word(client.mode.as_deref()),
        remote_ip: Some(peer.ip.to_string()),
    }
}

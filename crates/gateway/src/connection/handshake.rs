//! Challenge, connect, hello (PROTOCOL §3).

use std::{collections::HashSet, sync::Arc, time::Duration};

use openclaw_protocol::{
    Dialect, Role, Scope, WireError, close,
    connect::{BadConnect, ConnectParams},
    detail,
    event::View,
    frame::{self, BadFrame, Mirror, Request},
    hello::{HandedOver, Hello, Paths, PresenceEntry},
    resume::Ticket,
};
use openclaw_websocket::{Error, Message, WebSocket};
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tracing::{debug, info};

use super::Peer;
use crate::{
    admission::{self, Admitted},
    call::Conn,
    hub::{Joining, Reviews},
    nodes::{self, Arrival},
    reload,
    state::State,
};

/// A connection that is ready to serve.
pub(super) struct Ready {
    pub(super) conn: Arc<Conn>,
}

/// Why a handshake ended without a connection.
pub(super) enum End {
    /// The peer is gone.
    Gone,
    /// Tell it: an answer when one is possible, then the close code.
    Told { frame: Option<Vec<u8>>, code: u16, reason: String },
}

impl End {
    pub(super) fn close(code: u16, reason: &str) -> Self {
        Self::Told { frame: None, code, reason: reason.to_owned() }
    }

    fn answer(id: &str, error: &WireError, code: u16, reason: &str) -> Self {
        Self::Told { frame: Some(frame::error(id, error, None)), code, reason: reason.to_owned() }
    }

    /// Sends what there is to say and ends the connection so that the peer can still read it.
    pub(super) async fn tell<S: AsyncRead + AsyncWrite + Unpin>(self, socket: &mut WebSocket<S>, patience: Duration) {
        let Self::Told { frame, code, reason } = self else { return };
        if let Some(frame) = frame {
            socket.queue_text(&[&frame]);
        }
        let ending = async {
            socket.close(code, close::reason(&reason)).await;
            socket.linger().await;
        };
        let _ = tokio::time::timeout(patience, ending).await;
    }
}

/// Does the handshake and puts the hello into the socket's buffer.
pub(super) async fn shake<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocket<S>,
    state: &Arc<State>,
    peer: &Peer,
) -> Result<Ready, End> {
    let nonce = state.ids.uuid().to_string();
    let challenge = json!({
        "nonce": nonce,
        "ts": state.clock.now_ms(),
        "protocols": [1, 3, 4],
        "deviceAuthRequired": state.device_auth_required(),
        "capabilities": [],
    });
    let mut first = frame::event_open("connect.challenge", &challenge, None);
    first.push(b'}');
    socket.queue_text(&[&first]);
    socket.flush().await.map_err(|_| End::Gone)?;

    let text = match socket.recv().await {
        Ok(Message::Text(text)) => text,
        Ok(Message::Binary(_)) => return Err(End::close(close::UNSUPPORTED_DATA, "binary data before authentication")),
        Ok(Message::Close(_)) | Err(Error::Eof | Error::Io(_)) => return Err(End::Gone),
        Err(Error::Protocol { code, reason }) => return Err(End::close(code, reason)),
    };
    state.metrics.messages_received.inc();
    let text = std::str::from_utf8(&text).map_err(|_| End::close(close::INVALID_DATA, "not UTF-8"))?;
    let request = match Request::parse(text) {
        Ok(request) => request,
        Err(BadFrame::NotJson(_)) => return Err(End::close(close::INVALID_DATA, "first frame is not JSON")),
        Err(BadFrame::NotARequest { id, error }) => {
            return Err(End::answer(&id, &error, close::POLICY, "invalid request frame"));
        }
    };
    if request.method != "connect" {
        let text = "invalid handshake: first request must be connect";
        return Err(End::answer(
            &request.id,
            &WireError::invalid(detail::HANDSHAKE_REQUIRED, text),
            close::POLICY,
            text,
        ));
    }
    let (params, dialect) = ConnectParams::parse(request.params).map_err(|bad| {
        let (error, code) = match bad {
            BadConnect::Invalid(error) => (error, close::POLICY),
            BadConnect::Mismatch(error) => (error, close::PROTOCOL_MISMATCH),
        };
        // Its text may repeat what was sent, which may be a secret in the wrong place.
        debug!(code = %error.details.code, ip = %peer.ip, "connect refused");
        End::answer(&request.id, &error, code, &error.message)
    })?;
    let short_device = params.device.as_ref().map(|device| short_device_id(&device.id));
    debug!(client_id = %params.client.id, device_id = short_device.as_deref().unwrap_or_default(), ip = %peer.ip, "WebSocket connection attempt");

    let admitted = match admission::admit(state, &params, dialect, peer, &nonce).await {
        Ok(admitted) => admitted,
        Err(refused) => {
            state.metrics.auth_failures.inc();
            if let Some(delay) = refused.delay {
                tokio::time::sleep(delay).await;
            }
            return Err(End::answer(&request.id, &refused.error, refused.code, &refused.reason));
        }
    };
    // Whoever comes back takes the place of its older connection, which is known only once it has joined.
    if params.resume.is_none() && has_too_many(state, &admitted.principal, 0) {
        let error = too_many(state);
        return Err(End::answer(&request.id, &error, close::POLICY, TOO_MANY));
    }
    let node = match nodes::receive(state, &params, dialect, peer, &admitted).await {
        Ok(node) => node,
        Err(refused) => return Err(End::answer(&request.id, &refused.error, refused.code, &refused.reason)),
    };
    if let Some(device_id) = short_device.as_ref().filter(|_| admitted.signed) {
        info!(target: "wire", device_id, valid = true, "Device signature verified");
    }
    let conn = welcome(socket, state, peer, &params, (dialect, node), &admitted, &request.id).await;
    info!(
        target: "wire",
        client_id = %params.client.id,
        device_id = short_device.as_deref().unwrap_or("none"),
        role = %conn.principal.role(),
        "WebSocket connection established"
    );
    Ok(Ready { conn })
}

/// What a device is told that has too many connections.
const TOO_MANY: &str = "too many connections of this device";

/// Whether a device has as many connections as it may, of which `own` is this one.
fn has_too_many(state: &State, principal: &openclaw_auth::Principal, own: usize) -> bool {
    let most = state.limits().connections_per_device;
    let Some(device) = principal.device_id().filter(|_| most > 0) else { return false };
    state.hub.connections_of(device) >= most + own
}

fn too_many(state: &State) -> WireError {
    let most = state.limits().connections_per_device;
    let text =
        format!("{TOO_MANY}: gateway.limits.connectionsPerDevice allows {most}; close one of them, or raise that key");
    WireError::unavailable(detail::TOO_MANY_CONNECTIONS, text).retryable(None)
}

/// A device id cut to its first group, as spec 001's log lines show it; long hashes to twelve characters.
fn short_device_id(id: &str) -> String {
    match id.strip_prefix("device-") {
        Some(rest) => format!("device-{}", rest.split('-').next().unwrap_or_default()),
        None => id.chars().take(12).collect(),
    }
}

async fn welcome<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocket<S>,
    state: &Arc<State>,
    peer: &Peer,
    params: &ConnectParams,
    (dialect, node): (Dialect, Option<Arrival>),
    admitted: &Admitted,
    request_id: &str,
) -> Arc<Conn> {
    let principal = Arc::clone(&admitted.principal);
    let view = View { dialect, ui: params.mode() == "ui" };
    let spec_001 = params.is_spec_001(dialect);
    let limits = state.limits();
    let outbox = state.outbox();
    let tool_events = params.caps.iter().any(|cap| cap == "tool-events");
    let id = state.ids.uuid();
    let joining = Joining {
        outbox: Arc::clone(&outbox),
        principal: Arc::clone(&principal),
        method: admitted.method,
        view,
        tool_events,
        reviews: Reviews::of(dialect, &params.client.id, &params.caps),
        resume: params.resume.as_ref().map(|ask| (ask, Ticket(id))),
    };
    let (number, resume) = state.hub.join(joining, limits.resume);
    // Whoever joins after those were ended whose credential was changed was not among them.
    if reload::no_longer_admits(admitted.method, &admitted.active.policy, &state.active().policy) {
        state.hub.turn_away(number, close::FINAL, reload::AUTH_CHANGED);
    }
    // Nor a holder of an access token whose very secret was replaced or withdrawn while it was on its way.
    if let openclaw_auth::Identity::Named { id: token, .. } = principal.identity()
        && !admitted.secret.as_ref().is_some_and(|hash| state.access_tokens.lets_in(token, hash, state.clock.now_ms()))
    {
        state.hub.turn_away(number, close::FINAL, "access token replaced or revoked");
    }
    // Nor whoever showed a passkey that was removed meanwhile.
    if principal.passkey().is_some_and(|id| state.passkeys.get(id).is_none()) {
        state.hub.turn_away(number, close::POLICY, "the passkey of this connection was removed; connect again");
    }
    // Nor was it among those that a lockdown ended.
    if state.lockdown.refusal(peer.direct_loopback, admitted.method).is_some() {
        state.hub.turn_away(number, close::FINAL, crate::lockdown::REASON);
    }
    // Two that came at the same moment did not see each other.
    if has_too_many(state, &principal, 1) {
        state.hub.turn_away(number, close::POLICY, TOO_MANY);
    }
    // Nor was it among those of its device that were ended. When it comes back, what holds now is asked.
    if let Some(id) = principal.device_id()
        && state.devices.get(id.as_str()).map(|device| device.revision) != admitted.revision
    {
        state.hub.turn_away(number, close::POLICY, "client invalidated: the device was changed; connect again");
    }
    let conn = Arc::new(Conn {
        number,
        id: id.to_string(),
        positions: resume.is_some(),
        principal,
        view,
        mirror: if spec_001 { Mirror::Result } else { Mirror::No },
        node: node.as_ref().map(|node| node.node_id.clone()),
        ip: peer.ip,
        origin: peer.origin.clone(),
        outbox,
        in_flight: std::sync::Mutex::new(HashSet::new()),
        tick: state.promised.keep(limits.tick_interval_ms),
    });
    if let Some(node) = node {
        node.join(state, &conn);
    }
    state.presence.joined(&conn.id, presence_entry(state, peer, params, &conn));

    let health = state.health.current();
    let config_hash = state.active().loaded.hash.clone();
    let admin = conn.principal.may(Scope::Admin) && conn.principal.role() == Role::Operator;
    let (config_path, state_dir) = (state.config_path(), state.state_dir());
    let presence = state.presence.list();
    let handed_over: Vec<HandedOver<'_>> = admitted
        .handoff
        .iter()
        .map(|(kept, token)| HandedOver {
            device_token: token.expose(),
            role: kept.role,
            scopes: kept.scopes,
            issued_at_ms: kept.created_at,
        })
        .collect();
    let default_agent = state.default_agent();
    let hello = Hello {
        conn_id: &conn.id,
        boot_id: &state.boot_id,
        host: &state.host,
        methods: &state.features.of(&conn.principal, state.active().guard.as_deref()),
        events: openclaw_protocol::event::NAMES,
        presence: &presence,
        health: health.in_hello(),
        state_version: state.state_version(),
        uptime_ms: state.uptime_ms(),
        default_agent: default_agent.as_str(),
        model_configured: state.model_configured(),
        config_hash: &config_hash,
        paths: admin.then_some(Paths { config: &config_path, state_dir: &state_dir, auth_mode: state.auth_mode() }),
        role: conn.principal.role(),
        scopes: conn.principal.scopes(),
        device_token: admitted.device_token.as_ref().map(|(token, issued_at)| (token.expose(), *issued_at)),
        device_tokens: &handed_over,
        max_payload: limits.max_payload,
        max_buffered: limits.max_buffered_bytes,
        tick_interval_ms: limits.tick_interval_ms,
        resume: resume.as_ref(),
    };
    let mut payload = Vec::with_capacity(8192);
    hello.write(&mut payload, dialect, spec_001);
    socket.queue_text(&[&frame::ok(request_id, &payload, conn.mirror)]);
    state.metrics.messages_sent.inc_by(2);
    conn
}

fn presence_entry(state: &State, peer: &Peer, params: &ConnectParams, conn: &Conn) -> Option<PresenceEntry> {
    // Command-line calls come and go; showing them would only make the list flicker.
    if matches!(params.mode(), "cli" | "probe") {
        return None;
    }
    let client = &params.client;
    let name = client.display_name.clone().unwrap_or_else(|| client.id.clone());
    Some(PresenceEntry {
        text: Some(format!("{name} ({})", params.mode())),
        host: Some(name),
        ip: Some(peer.ip.to_string()),
        version: client.version.clone().filter(|text| !text.is_empty()),
        platform: client.platform.clone().filter(|text| !text.is_empty()),
        device_family: client.device_family.clone().filter(|text| !text.is_empty()),
        model_identifier: client.model_identifier.clone().filter(|text| !text.is_empty()),
        mode: client.mode.clone().filter(|text| !text.is_empty()),
        reason: Some("connect".to_owned()),
        ts: state.clock.now_ms(),
        device_id: conn.principal.device_id().map(ToString::to_string),
        roles: Some(vec![conn.principal.role()]),
        scopes: Some(conn.principal.scopes()),
        instance_id: client.instance_id.clone().or_else(|| Some(conn.id.clone())),
        ..PresenceEntry::default()
    })
}

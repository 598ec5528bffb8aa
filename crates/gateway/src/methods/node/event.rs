//! `node.event`: a node tells that something happened.

use openclaw_protocol::event::{Event as Told, node};
use openclaw_store::{Change, NodeChange, Transaction};
use tracing::info;

use super::{own, tell};
use crate::{
    methods::prelude::*,
    turn::{self, Ask},
};

/// Characters of what somebody said to a node.
const SPOKEN: usize = 20_000;
/// Bytes of an event's payload.
const PAYLOAD_BYTES: usize = 1 << 20;
/// A sign of life is kept at most this often, milliseconds.
const ALIVE_EVERY_MS: i64 = 10_000;
/// Longest time without a person that is told, seconds.
const IDLE_SECONDS: i64 = 2_592_000;

params! {
    /// What happened.
    {
        /// Its name.
        event: String,
        /// Further facts.
        #[serde(default)]
        payload: Option<Value>,
        /// The same as JSON text; it wins.
        #[serde(default, rename = "payloadJSON")]
        payload_json: Option<String>,
    } understood {}
}

/// What became of it. Dialects before 4 only hear `ok`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Always true.
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// Whether the gateway did something about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    handled: Option<bool>,
    /// What, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

pub(crate) struct Event;

impl Method for Event {
    const NAME: &'static str = "node.event";
    const ABOUT: &'static str =
        "A node tells that something happened; the answer says whether the gateway does something about it.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::Change("node.seen");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let bytes = params.payload_json.as_ref().map_or(0, String::len);
        if bytes > PAYLOAD_BYTES {
            let text = format!("payloadJSON is longer than {PAYLOAD_BYTES} bytes");
            return Err(WireError::params(text).with("path", "params.payloadJSON"));
        }
        let payload = match &params.payload_json {
            Some(text) => serde_json::from_str(text).unwrap_or(Value::Null),
            None => params.payload.unwrap_or(Value::Null),
        };
        let (handled, reason) = match params.event.as_str() {
            "node.presence.alive" => alive(&call, &payload).await?,
            "node.presence.activity" => activity(&call, &payload)?,
            "node.host.stats" => host_stats(&call, &payload)?,
            "chat.subscribe" => follow(&call, &payload, true)?,
            "chat.unsubscribe" => follow(&call, &payload, false)?,
            "voice.transcript" => said(&call, &payload, "text").await?,
            "agent.request" => said(&call, &payload, "message").await?,
            "exec.started" | "exec.finished" | "exec.denied" => exec(&call, &params.event, &payload)?,
            _ => (false, "unsupported_event"),
        };
        if call.dialect() != Dialect::V4 {
            return Ok(Reply { ok: true, event: None, handled: None, reason: None });
        }
        Ok(Reply { ok: true, event: Some(params.event), handled: Some(handled), reason: Some(reason) })
    }
}

type Handled = (bool, &'static str);
const INVALID: Handled = (false, "invalid_payload");

/// The node is there, and says why it says so.
async fn alive(call: &Call, payload: &Value) -> Result<Handled, WireError> {
    const TRIGGERS: [&str; 6] =
        ["background", "silent_push", "bg_app_refresh", "significant_location", "manual", "connect"];
    let Some(trigger) = payload["trigger"].as_str().filter(|trigger| TRIGGERS.contains(trigger)) else {
        return Ok(INVALID);
    };
    let (node_id, now, state) = (own(call, None)?, call.now_ms(), call.state());
    let fresh = tell(call, |session| {
        let fresh = session.told.alive_kept_at.is_some_and(|at| now - at < ALIVE_EVERY_MS);
        session.told.alive_kept_at = Some(if fresh { session.told.alive_kept_at.unwrap_or(now) } else { now });
        fresh
    })?;
    if fresh {
        return Ok((true, "recent"));
    }
    let audit = call.audit("node.seen", Event::NAME, Some(node_id.to_string()), json!({ "trigger": trigger }));
    let change = NodeChange::Seen { node_id, at: now, reason: trigger.to_owned(), connected: false };
    let changes = vec![Change::Node(change)];
    let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
    state.nodes.keep(written.map_err(|error| fault::store(&error))?)?;
    Ok((true, "persisted"))
}

/// A person uses the node, or it no longer tells.
fn activity(call: &Call, payload: &Value) -> Result<Handled, WireError> {
    let (node_id, now) = (own(call, None)?, call.now_ms());
    let told = |active: Option<(i64, i64)>| {
        call.state().hub.publish(Told::NodePresence(node::NodePresence {
            node_id: node_id.clone(),
            last_active_at_ms: active.map(|(at, _)| at),
            presence_updated_at_ms: active.map(|(_, now)| now),
        }));
    };
    if payload["action"] == "clear" {
        let was = tell(call, |session| session.told.active.take())?;
        if was.is_some() {
            told(None);
        }
        return Ok((true, if was.is_some() { "cleared" } else { "already_clear" }));
    }
    let Some(idle) = payload["idleSeconds"].as_i64().filter(|idle| (0..=IDLE_SECONDS).contains(idle)) else {
        return Ok(INVALID);
    };
    let active = Some((now - idle * 1000, now));
    tell(call, |session| session.told.active = active)?;
    told(active);
    Ok((true, "updated"))
}

/// How the node's machine is doing.
fn host_stats(call: &Call, payload: &Value) -> Result<Handled, WireError> {
    const NUMBERS: [&str; 5] =
        ["cpuCount", "memoryTotalBytes", "memoryFreeBytes", "diskTotalBytes", "diskAvailableBytes"];
    let Some(said) = payload.as_object() else { return Ok(INVALID) };
    let load =
        |load: &Value| load.as_array().is_some_and(|three| three.len() == 3 && three.iter().all(Value::is_number));
    let fits = |(name, value): (&String, &Value)| match name.as_str() {
        "loadAverage" => load(value),
        name => NUMBERS.contains(&name) && value.is_u64(),
    };
    if !said.iter().all(fits) || NUMBERS[..3].iter().any(|name| !said.contains_key(*name)) {
        return Ok(INVALID);
    }
    let mut stats = said.clone();
    stats.insert("updatedAtMs".to_owned(), json!(call.now_ms()));
    let node_id = own(call, None)?;
    tell(call, |session| session.told.host_stats = Some(std::sync::Arc::new(stats.clone())))?;
    call.state().hub.publish(Told::NodeHostStats(node::NodeHostStats { node_id, host_stats: stats }.into()));
    Ok((true, "updated"))
}

/// A node is approved: by its owner, or by the admission of its device where that is enough.
fn is_approved(call: &Call) -> Result<bool, WireError> {
    let node_id = own(call, None)?;
    let table = call.state().nodes.table();
    Ok(table.is_approved(&node_id))
}

/// The node wants to hear a conversation, or no longer.
fn follow(call: &Call, payload: &Value, follow: bool) -> Result<Handled, WireError> {
    let Some(key) = payload["sessionKey"].as_str().and_then(|key| SessionKey::new(key).ok()) else {
        return Ok(INVALID);
    };
    if !is_approved(call)? {
        return Ok((false, "not_approved"));
    }
    let (key, conn, hub) = (call.canonical(&key), call.conn().number, &call.state().hub);
    if follow {
        return Ok(if hub.follow_messages(conn, key) { (true, "subscribed") } else { (false, "too_many_sessions") });
    }
    hub.unfollow_messages(conn, &key);
    Ok((true, "unsubscribed"))
}

/// Somebody said something to the node: a turn of the agent.
async fn said(call: &Call, payload: &Value, text: &str) -> Result<Handled, WireError> {
    let message = payload[text].as_str().unwrap_or_default().trim();
    if message.is_empty() || message.chars().count() > SPOKEN {
        return Ok(INVALID);
    }
    // Starting a conversation over is an administrator's.
    let word = message.split_whitespace().next().unwrap_or_default();
    if ["/new", "/reset"].iter().any(|command| word.eq_ignore_ascii_case(command)) {
        return Ok((false, "needs_administrator"));
    }
    if !is_approved(call)? {
        return Ok((false, "not_approved"));
    }
    let named = payload["sessionKey"].as_str().map(str::trim).filter(|key| !key.is_empty());
    let session_key = match named.map(SessionKey::new) {
        Some(Ok(key)) => Some(key),
        Some(Err(_)) => return Ok(INVALID),
        None => None,
    };
    let run_id = RunId::new(call.state().ids.uuid().to_string())
        .map_err(|error| WireError::unavailable(detail::INTERNAL, error.to_string()))?;
    let ask = Ask {
        method: Event::NAME,
        text: message.to_owned(),
        session_key,
        thinking: payload["thinking"].as_str().map(str::to_owned),
        ..Ask::default()
    };
    turn::submit(call, ask, run_id).await?;
    Ok((true, "accepted"))
}

/// The node runs something, has run it, or refused to: for the log and the audit.
fn exec(call: &Call, event: &str, payload: &Value) -> Result<Handled, WireError> {
    let node_id = own(call, None)?;
    let run_id: String = payload["runId"].as_str().unwrap_or_default().chars().take(64).collect();
    let exit_code = payload["exitCode"].as_i64();
    info!(node = %node_id, event, run_id, exit_code, "A node told about a command");
    let detail = json!({ "event": event, "runId": run_id, "exitCode": exit_code });
    call.state().audit_detached(call.audit("node.exec", Event::NAME, Some(node_id.to_string()), detail));
    Ok((true, "recorded"))
}

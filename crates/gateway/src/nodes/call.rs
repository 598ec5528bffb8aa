//! One command on one node: check, keep in the audit, send, wait for the answer, the deadline or an end of either side.

use std::{sync::Arc, time::Duration};

use openclaw_core::record::{NodePriority, NodeTask, NodeWork};
use openclaw_protocol::{Dialect, ErrorCode, NodeId, WireError, detail};
use openclaw_store::{Change, NodeChange, Transaction};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::{
    approve,
    policy::{Platform, scope_to_use},
    repeats::{self, Claim, Outcome},
    table::{Answer, Barred, Caller, Command, Ended, IN_FLIGHT},
};
use crate::{call::Call, fault, state::State};

/// Time for a command that names none, milliseconds.
const USUAL_MS: u64 = 30_000;
/// Bytes of a command's parameters.
const PARAMS_BYTES: usize = 8 << 20;
/// Bytes of the parameters of a command that waits for a phone to be in the foreground.
const QUEUED_BYTES: usize = 64 * 1024;
/// How long such a command waits.
const QUEUED_MS: i64 = 10 * 60 * 1000;
/// Commands that a phone only runs in the foreground begin like this.
const FOREGROUND: [&str; 4] = ["canvas.", "camera.", "screen.", "talk."];

/// What somebody wants of a node.
pub(crate) struct Order {
    pub(crate) node_id: NodeId,
    pub(crate) command: String,
    pub(crate) params: Option<Value>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) key: String,
    pub(crate) progress: bool,
}

/// What the node answered.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) payload: Option<Value>,
    pub(crate) payload_json: Option<String>,
    /// Size of the answer.
    size: usize,
}

impl Done {
    pub(super) const fn bytes(&self) -> usize {
        self.size
    }
}

/// Asks a node for something and waits for its answer. `method` names the call in the audit.
pub(crate) async fn invoke(call: &Call, method: &'static str, order: Order) -> Result<Done, WireError> {
    let state = call.state();
    let begun = Instant::now();
    check(call, &order)?;
    approve::check_text(&order)?;
    let params = order.params.as_ref().unwrap_or(&Value::Null);
    let params_json = if params.is_null() { "{}".to_owned() } else { params.to_string() };
    if params_json.len() > PARAMS_BYTES {
        let text = format!("params are {} bytes long, a node takes at most {PARAMS_BYTES}", params_json.len());
        return Err(WireError::params(text).with("path", "params.params"));
    }
    let request = hash(&order, &params_json);
    let key = format!("{}\n{}", call.principal().audit_name(), order.key);
    let claimed = match state.nodes.repeats.claim(key, &request)? {
        Claim::Again(again) => return Outcome::unwrap_or_clone(repeats::outcome(again).await?),
        Claim::First(claimed) => claimed,
    };
    let sent = send(call, method, &order, &params_json, begun).await;
    match sent {
        Err(error) => {
            state.nodes.repeats.free(&claimed);
            Err(error)
        }
        Ok(outcome) => {
            let outcome = Arc::new(outcome);
            state.nodes.repeats.done(&claimed, Arc::clone(&outcome));
            Outcome::unwrap_or_clone(outcome)
        }
    }
}

/// Has the command done, after a word of people if the node wants one. The outer error says that nothing was sent.
async fn send(
    call: &Call,
    method: &'static str,
    order: &Order,
    params_json: &str,
    begun: Instant,
) -> Result<Result<Done, WireError>, WireError> {
    let most = call.state().active().nodes.invoke_timeout_ms;
    let time = order.timeout_ms.filter(|ms| *ms > 0).unwrap_or(USUAL_MS).min(most);
    let deadline = begun + Duration::from_millis(time);
    let redeemed = approve::redeem(call, order).await?;
    let params_json = redeemed.as_deref().unwrap_or(params_json);
    let mut answer = attempt(call, method, order, params_json, deadline).await?;
    if let Ok(said) = &answer
        && redeemed.is_none()
        && approve::is_wanted(order, said)
        && let Some(approved) = approve::ask(call, order, deadline).await?
    {
        answer = attempt(call, method, order, &approved, deadline).await?;
    }
    Ok(match answer {
        Ok(answer) if answer.ok => Ok(done(answer)),
        Ok(answer) => Err(refused(call, order, params_json, answer).await),
        Err(error) => Err(error),
    })
}

/// Sends the command and waits for what the node says. The outer error says that nothing was sent.
async fn attempt(
    call: &Call,
    method: &'static str,
    order: &Order,
    params_json: &str,
    deadline: Instant,
) -> Result<Result<Answer, WireError>, WireError> {
    let state = call.state();
    let id = state.ids.uuid();
    let detail = json!({ "command": order.command, "id": id, "bytes": params_json.len() });
    let audit = call.audit("node.invoked", method, Some(order.node_id.to_string()), detail);
    let kept = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await;
    kept.map_err(|error| fault::store(&error))?;
    let left = deadline.saturating_duration_since(Instant::now());
    let command = Command {
        id,
        node_id: &order.node_id,
        command: &order.command,
        params_json,
        timeout_ms: u64::try_from(left.as_millis()).unwrap_or(u64::MAX),
        key: &order.key,
    };
    let caller = Caller {
        conn: call.conn().number,
        outbox: Arc::clone(&call.conn().outbox),
        request_id: call.request_id().to_owned(),
        progress: order.progress,
    };
    let dispatched = state.nodes.table().dispatch(&command, caller, &state.active().nodes.commands);
    let end = dispatched.map_err(|barred| barred_error(call.dialect(), &barred, &order.command))?;
    // Whoever stops waiting, for whatever reason, calls the command off.
    let mut waiting = Waiting { state, id, over: false };
    let ended = timeout_at(deadline, end).await;
    waiting.over = matches!(ended, Ok(Ok(_)));
    drop(waiting);
    Ok(match ended {
        Ok(Ok(Ended::Answered(answer))) => Ok(answer),
        Ok(Ok(Ended::Gone) | Err(_)) => {
            let gone = WireError::unavailable("NOT_CONNECTED", "node not connected");
            Err(node_error(gone, call.dialect(), "NOT_CONNECTED", "node disconnected"))
        }
        Ok(Ok(Ended::Abandoned)) => Err(WireError::unavailable("CANCELLED", "the caller has left")),
        Err(_) => {
            let text = "node invoke timed out";
            let error = WireError::unavailable("TIMEOUT", spelled(call.dialect(), "TIMEOUT", text));
            Err(node_error(error, call.dialect(), "TIMEOUT", text))
        }
    })
}

/// Calls a command off when nobody waits for it any more.
struct Waiting<'a> {
    state: &'a State,
    id: Uuid,
    over: bool,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.state.nodes.table().call_off(self.id);
        }
    }
}

fn done(answer: Answer) -> Done {
    let parsed = answer.payload_json.as_deref().map(|text| serde_json::from_str(text).unwrap_or(Value::Null));
    let size = match (&answer.payload_json, &answer.payload) {
        (Some(text), _) => 2 * text.len(),
        (None, Some(payload)) => payload.to_string().len(),
        (None, None) => 0,
    };
    Done { payload: parsed.or(answer.payload), payload_json: answer.payload_json, size }
}

/// A node that says no, or that it cannot now.
async fn refused(call: &Call, order: &Order, params_json: &str, answer: Answer) -> WireError {
    let (code, message) = answer.error.unwrap_or_default();
    let code = code.unwrap_or_else(|| "UNAVAILABLE".to_owned());
    let message = message.unwrap_or_else(|| "node invoke failed".to_owned());
    if code == "NODE_BACKGROUND_UNAVAILABLE"
        && let Some(queued) = queue(call, order, params_json).await
    {
        return queued.with("nodeError", json!({ "code": code, "message": message }));
    }
    let error = WireError::unavailable("NODE_ERROR", spelled(call.dialect(), &code, &message));
    node_error(error, call.dialect(), &code, &message)
}

/// A phone in the background does it once somebody takes it out of the pocket.
async fn queue(call: &Call, order: &Order, params_json: &str) -> Option<WireError> {
    let state = call.state();
    let ios = state.nodes.table().session(&order.node_id).is_some_and(|session| session.platform() == Platform::Ios);
    let foreground = FOREGROUND.iter().any(|start| order.command.starts_with(start));
    if !ios || !foreground || params_json.len() > QUEUED_BYTES {
        return None;
    }
    let now = call.now_ms();
    let work = NodeWork {
        id: state.ids.uuid(),
        node_id: order.node_id.clone(),
        task: NodeTask::Command {
            command: order.command.clone(),
            params_json: order.params.as_ref().map(|_| params_json.to_owned()),
            key: order.key.clone(),
        },
        priority: NodePriority::Normal,
        created_at: now,
        expires_at: now.saturating_add(QUEUED_MS),
    };
    let id = work.id;
    let detail = json!({ "command": order.command, "id": id });
    let audit = call.audit("node.work.queued", "node.invoke", Some(order.node_id.to_string()), detail);
    let changes = vec![Change::Node(NodeChange::Enqueue { work })];
    state.store.write(Transaction { changes, audit, idempotency: None }).await.ok()?;
    let text = "node command queued until iOS returns to foreground";
    let error = WireError::unavailable("QUEUED_UNTIL_FOREGROUND", text).retryable(None);
    Some(
        error
            .with("queuedActionId", id.to_string())
            .with("nodeId", order.node_id.as_str())
            .with("command", order.command.as_str()),
    )
}

/// Today's protocol puts the code before the text.
fn spelled(dialect: Dialect, code: &str, message: &str) -> String {
    if dialect == Dialect::V4 { format!("{code}: {message}") } else { message.to_owned() }
}

fn node_error(error: WireError, dialect: Dialect, code: &str, message: &str) -> WireError {
    let error = error.with("nodeError", json!({ "code": code, "message": message }));
    if dialect == Dialect::V4 { error.with("nodeCommandDispatched", true) } else { error }
}

fn check(call: &Call, order: &Order) -> Result<(), WireError> {
    let state = call.state();
    let active = state.active();
    let checked = state.nodes.table().check(&order.node_id, &order.command, &active.nodes.commands);
    checked.map_err(|barred| barred_error(call.dialect(), &barred, &order.command))
}

fn barred_error(dialect: Dialect, barred: &Barred, command: &str) -> WireError {
    let not_allowed = |why: String, reason: &str| {
        // Clients of before match the short text.
        let text = match dialect {
            Dialect::V4 => format!("node command not allowed: {why}"),
            Dialect::V1 | Dialect::V3 => "node command not allowed".to_owned(),
        };
        WireError::new(ErrorCode::InvalidRequest, "NODE_COMMAND_NOT_ALLOWED", text)
            .with("reason", reason)
            .with("command", command)
    };
    let shown: String = command.chars().filter(|c| !c.is_control()).take(80).collect();
    match barred {
        Barred::NotConnected => WireError::unavailable("NOT_CONNECTED", "node not connected"),
        Barred::NotAllowed(platform) => not_allowed(
            format!("\"{shown}\" is not in the allowlist for platform \"{}\"", platform.word()),
            "command not allowlisted",
        ),
        Barred::NothingDeclared => {
            not_allowed("the node offers no commands".to_owned(), "node did not declare commands")
        }
        Barred::NotDeclared => {
            not_allowed(format!("the node does not offer \"{shown}\""), "command not declared by node")
        }
        Barred::NotApproved(request) => {
            let how = request.map_or_else(
                || "let the node connect again to ask for it".to_owned(),
                |id| format!("`openclaw nodes approve {id}` allows what the node asks for"),
            );
            not_allowed(format!("nobody has approved \"{shown}\" yet; {how}"), "command not approved")
        }
        Barred::Busy => {
            let text = format!("{IN_FLIGHT} commands of this node are at work; wait for one to end");
            WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(250))
        }
    }
}

fn hash(order: &Order, params_json: &str) -> String {
    let mut hash = Sha256::new();
    for part in [order.node_id.as_str(), &order.command, params_json] {
        hash.update(part.len().to_le_bytes());
        hash.update(part);
    }
    openclaw_core::hex(&hash.finalize())
}

/// The scope that a call of `node.invoke` takes; a call that cannot be read goes no further anyway.
pub(crate) fn needed(params: &serde_json::value::RawValue) -> openclaw_protocol::Scope {
    #[derive(serde::Deserialize)]
    struct Asked<'a> {
        #[serde(borrow)]
        command: std::borrow::Cow<'a, str>,
    }
    let asked = serde_json::from_str::<Asked<'_>>(params.get());
    asked.map_or(openclaw_protocol::Scope::Write, |asked| scope_to_use(asked.command.trim()))
}

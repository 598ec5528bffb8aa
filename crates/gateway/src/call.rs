//! What a handler may touch: the one typed request context (SPEC-NOTES 13).

use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use openclaw_auth::Principal;
use openclaw_core::record::AuditEvent;
use openclaw_protocol::{AgentId, Dialect, NodeId, SessionKey, TraceParent, event::View, frame};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::oneshot;

use crate::{
    hub::ConnNumber,
    outbox::{Outbox, Pushed},
    state::State,
    ticks::Promise,
};

/// A connection that finished its handshake.
#[derive(Debug)]
pub(crate) struct Conn {
    /// Its place in the hub.
    pub(crate) number: ConnNumber,
    /// Its name on the wire.
    pub(crate) id: String,
    /// Who it is, as verified.
    pub(crate) principal: Arc<Principal>,
    /// Dialect and mode.
    pub(crate) view: View,
    /// Whether responses repeat `payload` as `result`.
    pub(crate) mirror: frame::Mirror,
    /// Whether events tell their positions, for a client that may come back.
    pub(crate) positions: bool,
    /// The node that it is, when it is one.
    pub(crate) node: Option<NodeId>,
    /// Where it connects from.
    pub(crate) ip: std::net::IpAddr,
    /// The page that it is of, when it is one: an origin that was allowed.
    pub(crate) origin: Option<String>,
    /// What waits to be written to it.
    pub(crate) outbox: Arc<Outbox>,
    /// Requests that are being worked on, by id.
    pub(crate) in_flight: Mutex<HashSet<String>>,
    /// Its tick interval.
    #[expect(dead_code, reason = "kept until the connection ends, and never read")]
    pub(crate) tick: Promise,
}

impl Conn {
    /// The ids of the requests that are being worked on.
    pub(crate) fn in_flight(&self) -> MutexGuard<'_, HashSet<String>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an answer for a client that is not there to take it at once.
    pub(crate) fn answer(&self, state: &State, frame: Vec<u8>) {
        if self.outbox.push(frame) == Pushed::Overflow {
            state.metrics.slow_consumers.inc();
        }
    }
}

/// One request at work. Clones are cheap and are the same request.
#[derive(Clone)]
pub(crate) struct Call(Arc<Request>);

struct Request {
    state: Arc<State>,
    conn: Arc<Conn>,
    id: String,
    trace: Option<TraceParent>,
    answered: AtomicBool,
    /// Gone once an answer is on its way; see [`Call::until_answered`].
    gate: Mutex<Option<oneshot::Sender<()>>>,
}

impl Call {
    pub(crate) fn new(state: &Arc<State>, conn: &Arc<Conn>, frame: &frame::Request<'_>) -> Self {
        Self(Arc::new(Request {
            state: Arc::clone(state),
            conn: Arc::clone(conn),
            id: frame.id.to_string(),
            trace: frame.traceparent,
            answered: AtomicBool::new(false),
            gate: Mutex::new(None),
        }))
    }

    /// The gateway.
    pub(crate) fn state(&self) -> &Arc<State> {
        &self.0.state
    }

    /// The caller's connection.
    pub(crate) fn conn(&self) -> &Conn {
        &self.0.conn
    }

    /// The caller.
    pub(crate) fn principal(&self) -> &Principal {
        &self.0.conn.principal
    }

    /// The caller's dialect.
    pub(crate) fn dialect(&self) -> Dialect {
        self.0.conn.view.dialect
    }

    /// The request's id.
    pub(crate) fn request_id(&self) -> &str {
        &self.0.id
    }

    /// The trace that the request belongs to.
    pub(crate) fn trace(&self) -> Option<TraceParent> {
        self.0.trace
    }

    /// Milliseconds since the epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        self.0.state.clock.now_ms()
    }

    /// Answers before the work is done; the handler's own reply follows with the same id (two-phase answers).
    pub(crate) fn accepted(&self, payload: &impl Serialize) {
        let mut bytes = Vec::new();
        frame::write_json(&mut bytes, payload);
        self.0.answered.store(true, Ordering::Relaxed);
        self.0.conn.answer(&self.0.state, frame::ok(&self.0.id, &bytes, self.0.conn.mirror));
        *self.0.gate.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Resolves when the first answer is on its way, so that what follows from the call is not told before it.
    pub(crate) fn until_answered(&self) -> oneshot::Receiver<()> {
        let (answered, until) = oneshot::channel();
        *self.0.gate.lock().unwrap_or_else(PoisonError::into_inner) = Some(answered);
        until
    }

    /// Whether [`Call::accepted`] was used, so that the final reply must queue behind it.
    pub(crate) fn was_accepted(&self) -> bool {
        self.0.answered.load(Ordering::Relaxed)
    }

    /// The canonical form of a session key that the caller named.
    pub(crate) fn canonical(&self, key: &SessionKey) -> SessionKey {
        key.canonical(&self.0.state.default_agent())
    }

    /// The agent that a session belongs to.
    pub(crate) fn agent_of(&self, key: &SessionKey) -> AgentId {
        key.agent().unwrap_or_else(|| self.0.state.default_agent())
    }

    /// An audit record of something this caller did.
    pub(crate) fn audit(&self, event: &str, method: &str, target: Option<String>, detail: Value) -> AuditEvent {
        if event.starts_with("file.") {
            self.0.state.metrics.files_touched.inc();
        }
        let active = self.0.state.active();
        let rule = active.guard.as_ref().zip(crate::rpc::find(method));
        let rule = rule.and_then(|(guard, row)| guard.rule(self.principal(), row));
        AuditEvent {
            event: event.to_owned(),
            severity: "info".to_owned(),
            actor: self.principal().audit_name(),
            ip: Some(self.0.conn.ip.to_string()),
            method: Some(method.to_owned()),
            target,
            outcome: "ok".to_owned(),
            // By which rule it was allowed, where roles count.
            reason: rule,
            detail,
        }
    }
}

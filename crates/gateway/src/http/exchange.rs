//! A call over HTTP: the same table, checks and handlers as over a socket, for one request and without a connection.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
};

use openclaw_protocol::{
    Dialect, TraceParent, WireError,
    event::View,
    frame::{self, Mirror},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::{sync::oneshot, time::Instant};

use super::caller::Caller;
use crate::{
    call::{Call, Conn},
    history,
    hub::ConnNumber,
    outbox::{Frame, Outbox},
    rpc::{self, Answer},
    state::State,
};

/// Methods that change what a connection hears, and so need one.
pub(super) const FOR_CONNECTIONS: [&str; 4] =
    ["sessions.subscribe", "sessions.unsubscribe", "sessions.messages.subscribe", "sessions.messages.unsubscribe"];

/// What stands in the place of a connection.
pub(super) fn line(state: &Arc<State>, caller: &Caller, number: ConnNumber, outbox: Arc<Outbox>) -> Arc<Conn> {
    Arc::new(Conn {
        number,
        id: state.ids.uuid().to_string(),
        principal: Arc::clone(&caller.principal),
        view: VIEW,
        mirror: Mirror::No,
        positions: false,
        node: None,
        ip: caller.ip,
        origin: None,
        outbox,
        in_flight: Mutex::new(HashSet::new()),
        tick: state.promised.keep(state.limits().tick_interval_ms),
    })
}

/// How events and answers look over HTTP.
pub(super) const VIEW: View = View { dialect: Dialect::V4, ui: false };

/// A call by this caller, for handlers that are no method.
pub(super) fn call(state: &Arc<State>, caller: &Caller, trace: Option<TraceParent>) -> Call {
    let conn = line(state, caller, state.hub.unlisted(), state.outbox());
    let frame = frame::Request { id: "http".into(), method: "http".into(), params: None, traceparent: trace };
    Call::new(state, &conn, &frame)
}

/// A method at work. It runs to its end even when nobody waits for it any more.
pub(super) struct AtWork {
    outbox: Arc<Outbox>,
    answer: oneshot::Receiver<Answer>,
    accepted: Accepted,
}

/// Tells that there is a first answer.
type Accepted = oneshot::Receiver<()>;

/// What a method answers first.
pub(super) enum First {
    /// Its payload, before the work is done.
    Accepted(Box<RawValue>),
    /// Its only answer.
    Whole(Answer),
}

impl AtWork {
    /// The last answer.
    pub(super) async fn answer(self) -> Answer {
        self.answer.await.unwrap_or_else(|_| Err(gone().into()))
    }

    /// The first answer.
    pub(super) async fn first(self) -> First {
        let Self { outbox, mut answer, accepted } = self;
        tokio::select! {
            biased;
            whole = &mut answer => return First::Whole(whole.unwrap_or_else(|_| Err(gone().into()))),
            _ = accepted => {}
        }
        let payload = match outbox.take() {
            Some(Frame::Whole(frame)) => payload(&frame),
            _ => None,
        };
        match payload {
            Some(payload) => First::Accepted(payload),
            None => First::Whole(answer.await.unwrap_or_else(|_| Err(gone().into()))),
        }
    }
}

fn payload(frame: &[u8]) -> Option<Box<RawValue>> {
    #[derive(Deserialize)]
    struct Response {
        payload: Option<Box<RawValue>>,
    }
    serde_json::from_slice::<Response>(frame).ok()?.payload
}

fn gone() -> WireError {
    WireError::unavailable(openclaw_protocol::detail::INTERNAL, "the work ended without an answer")
}

/// Begins a call of a method.
///
/// # Errors
/// The caller may not, or the parameters are wrong.
pub(super) fn begin(
    state: &Arc<State>,
    caller: &Caller,
    method: &str,
    params: Option<&RawValue>,
    trace: Option<TraceParent>,
) -> Result<AtWork, WireError> {
    let outbox = state.outbox();
    let conn = line(state, caller, state.hub.unlisted(), Arc::clone(&outbox));
    let frame = frame::Request { id: "http".into(), method: method.into(), params, traceparent: trace };
    let call = Call::new(state, &conn, &frame);
    if FOR_CONNECTIONS.contains(&method) {
        // Whoever may not is told that first, here as everywhere.
        rpc::known(&call, method)
            .and_then(|_| crate::agent_tokens::only_own(state, &caller.principal, method, params))
            .inspect_err(|error| {
                state.metrics.failed();
                state.refused_call(&conn, method, error);
            })?;
        state.metrics.failed();
        let text = format!("{method} is about a connection; over HTTP, GET /events takes what to follow in its query");
        return Err(WireError::params(text));
    }
    let work = rpc::begin(call.clone(), method, params).inspect_err(|error| {
        state.metrics.failed();
        state.refused_call(&conn, method, error);
    })?;
    let (tell, answer) = oneshot::channel();
    let (tell_accepted, accepted) = oneshot::channel();
    let timed = history::is_timed(method).then(Instant::now);
    state.tasks.spawn("http request", async move {
        let mut work = work;
        let rung = std::future::poll_fn(|cx| outbox.poll_rung(cx));
        let whole: Answer = tokio::select! {
            biased;
            () = rung => {
                let _ = tell_accepted.send(());
                work.await
            }
            whole = &mut work => whole,
        };
        history::answered(&call, &whole, timed);
        let _ = tell.send(whole);
        // What waits for the answer to be on its way may go on.
        drop(call);
    });
    Ok(AtWork { outbox: Arc::clone(&conn.outbox), answer, accepted })
}

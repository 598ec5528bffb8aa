//! The life of a connection after hello.
//!
//! Whatever comes first of: a frame from the peer, a frame for the peer, the next deadline. Requests are polled once in
//! place, because most are answered from memory; those that must wait go on in a task of their own and answer through
//! the outbox. Everything that is ready is written with one system call.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use openclaw_protocol::{
    WireError, alias, close, detail, dialect,
    frame::{self, BadFrame, Request},
};
use openclaw_websocket::{Error, Message, WebSocket};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::{Instant, Sleep, sleep_until},
};
use tracing::{debug, field, warn};

use super::handshake::Ready;
use crate::{
    call::{Call, Conn},
    history,
    hub::Leaving,
    outbox::{Frame, Outbox},
    rpc::{self, Answer},
    settings::Limits,
    state::State,
};

/// Bytes that are put into the socket's buffer before it is written out.
const BATCH_BYTES: usize = 64 * 1024;
/// Calls with a role that may not make them before the connection ends.
const UNAUTHORIZED_CALLS: u32 = 10;

/// Serves the connection until it ends, then cleans up after it.
pub(super) async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut WebSocket<S>,
    state: &Arc<State>,
    ready: Ready,
) {
    let conn = ready.conn;
    state.metrics.connections.inc();
    let mut life = Life {
        seq: 0,
        unauthorized: 0,
        // What came during the handshake is no sign of life in the first interval after it.
        heard: socket.bytes_received(),
        silent: 0,
        stalled: None,
        next_ping: Instant::now() + Duration::from_millis(state.limits().ping_interval_ms),
        asked: Instant::now(),
        batch: Batch::Over,
    };
    let end = life.run(socket, state, &conn).await;
    let said_goodbye = matches!(end, Some((close::NORMAL, _)));
    state.hub.leave(conn.number, if said_goodbye { Leaving::Done } else { Leaving::Lost });
    state.nodes.left(conn.node.as_ref(), conn.number, said_goodbye);
    state.fleet.left(conn.number);
    conn.outbox.abandon();
    state.presence.left(&conn.id);
    state.metrics.connections.dec();
    if let Some((code, reason)) = end {
        let ending = async {
            socket.close(code, close::reason(&reason)).await;
            socket.linger().await;
        };
        // Boxed, so that saying goodbye does not make every idle connection bigger.
        let patience = Duration::from_millis(state.limits().close_timeout_ms);
        let _ = Box::pin(tokio::time::timeout(patience, ending)).await;
    }
}

struct Life {
    /// Number of the last event.
    seq: u64,
    /// Calls in a row whose role may not make them.
    unauthorized: u32,
    /// Bytes received at the last ping.
    heard: u64,
    /// Ping intervals without a byte from the peer.
    silent: u32,
    /// Since when bytes wait and the peer takes none of them.
    stalled: Option<Instant>,
    next_ping: Instant,
    /// When the last request came or was answered, or was last seen at work.
    asked: Instant,
    batch: Batch,
}

/// Requests that are answered before anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    /// There is none.
    Over,
    /// So many were answered at once; refusals are counted elsewhere.
    Answered(u32),
}

/// What a connection waits for.
enum Next {
    /// Something waits in the outbox.
    Rung,
    /// The peer said something, or is gone.
    Came(Result<Message, Error>),
    /// The peer took some of the bytes that wait for it, so that there is room for more. Without this nobody would notice
    /// that the queue may go on.
    Taken,
    /// A deadline may have passed.
    Late,
}

type Ending = Option<(u16, String)>;

impl Life {
    async fn run<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut WebSocket<S>,
        state: &Arc<State>,
        conn: &Arc<Conn>,
    ) -> Ending {
        // The hello is in the buffer.
        if socket.flush().await.is_err() {
            return None;
        }
        // The hello is the longest message that most connections ever get.
        socket.release_memory();
        let mut alarm = pin!(sleep_until(self.next_ping));
        loop {
            let next = poll_fn(|cx| self.poll_next(cx, socket, state, &conn.outbox, alarm.as_mut()));
            match next.await {
                Next::Rung => {}
                Next::Taken => self.stalled = None,
                Next::Came(Ok(Message::Text(text) | Message::Binary(text))) => {
                    if self.batch == Batch::Over {
                        self.asked = Instant::now();
                        self.batch = Batch::Answered(0);
                    }
                    if let Some(end) = self.request(socket, state, conn, &text) {
                        return Some(end);
                    }
                    // Answers everything that is already here before writing once.
                    if socket.has_complete_frame() && socket.queued() < BATCH_BYTES {
                        continue;
                    }
                    // All of them leave together, so each took as long as all.
                    let now = Instant::now();
                    if let Batch::Answered(answers @ 1..) = self.batch {
                        state.metrics.answered(answers.into(), now - self.asked);
                    }
                    self.asked = now;
                    self.batch = Batch::Over;
                }
                Next::Came(Ok(Message::Close(frame))) => {
                    return Some((frame.map_or(close::NORMAL, |frame| frame.code), String::new()));
                }
                Next::Came(Err(Error::Protocol { code, reason })) => return Some((code, reason.to_owned())),
                Next::Came(Err(Error::Eof | Error::Io(_))) => return None,
                Next::Late => {
                    if let Some(end) = self.on_deadline(socket, state, conn) {
                        return Some(end);
                    }
                }
            }
            if let Some(end) = self.write(socket, state, conn).await {
                return end;
            }
        }
    }

    /// Whatever comes first. The alarm is looked at when there is nothing else to do, and set anew only to ring sooner or
    /// after it rang: setting it costs as much as answering a call.
    fn poll_next<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        socket: &mut WebSocket<S>,
        state: &State,
        outbox: &Outbox,
        mut alarm: Pin<&mut Sleep>,
    ) -> Poll<Next> {
        if outbox.poll_rung(cx).is_ready() {
            return Poll::Ready(Next::Rung);
        }
        let before = socket.queued();
        match socket.poll_recv(cx) {
            Poll::Ready(came) => return Poll::Ready(Next::Came(came)),
            Poll::Pending if socket.queued() < before => return Poll::Ready(Next::Taken),
            Poll::Pending => {}
        }
        let deadline = self.deadline(socket.queued(), state);
        if deadline < alarm.deadline() || alarm.is_elapsed() {
            alarm.as_mut().reset(deadline);
        }
        alarm.poll(cx).map(|()| Next::Late)
    }

    fn deadline(&mut self, queued: usize, state: &State) -> Instant {
        let limits = state.limits();
        let mut deadline = self.next_ping;
        if let Some(idle) = idle_timeout(&limits) {
            deadline = deadline.min(self.asked + idle);
        }
        if queued == 0 {
            self.stalled = None;
            return deadline;
        }
        let since = *self.stalled.get_or_insert_with(Instant::now);
        deadline.min(since + Duration::from_millis(limits.slow_consumer_ms))
    }

    fn on_deadline<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut WebSocket<S>,
        state: &State,
        conn: &Conn,
    ) -> Ending {
        let now = Instant::now();
        let limits = state.limits();
        if let Some(since) = self.stalled
            && now >= since + Duration::from_millis(limits.slow_consumer_ms)
        {
            state.metrics.slow_consumers.inc();
            return Some((
                close::POLICY,
                format!("slow consumer: nothing was read for {} ms", limits.slow_consumer_ms),
            ));
        }
        if let Some(idle) = idle_timeout(&limits)
            && now >= self.asked + idle
        {
            if conn.in_flight().is_empty() {
                return Some((close::POLICY, "idle timeout".to_owned()));
            }
            self.asked = now;
        }
        if now < self.next_ping {
            return None;
        }
        self.next_ping = now + Duration::from_millis(limits.ping_interval_ms);
        let heard = socket.bytes_received();
        self.silent = if heard == self.heard { self.silent + 1 } else { 0 };
        self.heard = heard;
        if self.silent >= limits.missed_pongs {
            warn!(target: "wire", client_id = %conn.principal.client_id(), missed_pongs = self.silent, "Heartbeat timeout");
            return Some((close::POLICY, "heartbeat timeout".to_owned()));
        }
        if socket.queued() == 0 {
            socket.release_memory();
            socket.queue_ping(&[]);
        }
        None
    }

    /// Moves what waits into the socket's buffer and writes as much as the peer takes.
    async fn write<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut WebSocket<S>,
        state: &State,
        conn: &Conn,
    ) -> Option<Ending> {
        loop {
            while socket.queued() < BATCH_BYTES {
                match conn.outbox.take() {
                    None => break,
                    Some(Frame::Whole(bytes)) => {
                        self.asked = Instant::now();
                        socket.queue_text(&[&bytes]);
                    }
                    Some(Frame::Event(bytes, number)) => {
                        self.seq += 1;
                        state.metrics.events_sent.inc();
                        let behind = if conn.positions { conn.outbox.behind(number) } else { Vec::new() };
                        if behind.is_empty() {
                            let tail = frame::event_tail(Some(self.seq), conn.positions.then_some(number));
                            socket.queue_text(&[&bytes, tail.as_bytes()]);
                        } else {
                            let tail = frame::event_tail_behind(self.seq, number, &behind);
                            socket.queue_text(&[&bytes, &tail]);
                        }
                    }
                    Some(Frame::Close(code, reason)) => return Some(Some((code, reason))),
                }
                state.metrics.messages_sent.inc();
            }
            let before = socket.queued();
            if before == 0 {
                return None;
            }
            let flushed = poll_fn(|cx| match socket.poll_flush(cx) {
                Poll::Ready(result) => Poll::Ready(Some(result)),
                Poll::Pending => Poll::Ready(None),
            })
            .await;
            if socket.queued() < before {
                self.stalled = None;
            }
            match flushed {
                // The peer does not read as fast: go back to listening, which writes the rest. Whoever was asked to
                // leave does not stay for what it does not read.
                None if socket.queued() >= BATCH_BYTES => return conn.outbox.take_close().map(Some),
                None => return None,
                Some(Err(_)) => return Some(None),
                Some(Ok(())) if conn.outbox.bytes() == 0 => return None,
                Some(Ok(())) => {}
            }
        }
    }

    fn request<S: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        socket: &mut WebSocket<S>,
        state: &Arc<State>,
        conn: &Arc<Conn>,
        text: &Bytes,
    ) -> Ending {
        state.metrics.messages_received.inc();
        let request = match std::str::from_utf8(text)
            .map_err(|_| BadFrame::NotJson("not UTF-8".to_owned()))
            .and_then(Request::parse)
        {
            Ok(request) => request,
            Err(BadFrame::NotJson(what)) => {
                let error =
                    WireError::invalid(detail::INVALID_FRAME, format!("invalid request frame: not JSON: {what}"));
                send(socket, state, conn, frame::error("invalid", &error, None));
                return None;
            }
            Err(BadFrame::NotARequest { id, error }) => {
                send(socket, state, conn, frame::error(&id, &error, None));
                return None;
            }
        };
        let call = Call::new(state, conn, &request);
        let (method, params) = alias::meant(&request.method, request.params);
        let params = dialect::params(conn.view.dialect, method, params.as_deref(), || state.ids.uuid().to_string());
        let work = self.admit(state, conn, &request).and_then(|()| rpc::begin(call.clone(), method, params.as_deref()));
        let answer = match work {
            Err(error) => {
                if error.details.code == detail::UNAUTHORIZED_ROLE {
                    self.unauthorized += 1;
                    if self.unauthorized > UNAUTHORIZED_CALLS {
                        socket.queue_text(&[&frame::error(&request.id, &error, None)]);
                        return Some((close::POLICY, "repeated unauthorized calls".to_owned()));
                    }
                }
                state.refused_call(conn, method, &error);
                Err(error.into())
            }
            Ok(mut work) => {
                self.unauthorized = 0;
                match rpc::poll_once(&mut work) {
                    Some(answer) => answer,
                    None => {
                        let timed = history::is_timed(method).then_some(self.asked);
                        go_on(state, conn, call, request.id.into_owned(), work, timed);
                        return None;
                    }
                }
            }
        };
        match (&answer, &mut self.batch) {
            (Err(_), _) => state.metrics.failed(),
            (Ok(_), Batch::Answered(answers)) => *answers = answers.saturating_add(1),
            (Ok(_), Batch::Over) => {}
        }
        let bytes = answer_frame(conn, &request.id, answer);
        if call.was_accepted() {
            conn.answer(state, bytes);
        } else {
            send(socket, state, conn, bytes);
        }
        None
    }

    fn admit(&self, state: &State, conn: &Conn, request: &Request<'_>) -> Result<(), WireError> {
        if request.method == "connect" {
            return Err(WireError::invalid(detail::ALREADY_CONNECTED, "connect is only valid as the first request"));
        }
        let in_flight = conn.in_flight();
        if in_flight.is_empty() {
            return Ok(());
        }
        if in_flight.contains(&*request.id) {
            return Err(WireError::invalid(
                detail::DUPLICATE_REQUEST_ID,
                "duplicate request id: a request with this id is still in work",
            ));
        }
        let most = state.limits().in_flight_per_connection;
        if in_flight.len() >= most {
            let text =
                format!("{most} requests of this connection are in work; wait for an answer before sending more");
            return Err(WireError::unavailable(detail::TOO_MANY_IN_FLIGHT, text).retryable(Some(100)));
        }
        Ok(())
    }
}

/// How long a connection may ask for nothing; `None` for as long as it likes.
fn idle_timeout(limits: &Limits) -> Option<Duration> {
    (limits.idle_timeout_ms > 0).then(|| Duration::from_millis(limits.idle_timeout_ms))
}

/// Answers at once, or through the bounded queue when the peer asks without reading.
fn send<S>(socket: &mut WebSocket<S>, state: &State, conn: &Conn, answer: Vec<u8>) {
    if socket.queued() >= BATCH_BYTES {
        conn.answer(state, answer);
    } else {
        socket.queue_text(&[&answer]);
        state.metrics.messages_sent.inc();
    }
}

/// Lets a call that must wait go on by itself, and counts how long it took since `timed`. It runs to its end even when the
/// connection goes away.
fn go_on(state: &Arc<State>, conn: &Arc<Conn>, call: Call, id: String, work: rpc::Work, timed: Option<Instant>) {
    conn.in_flight().insert(id.clone());
    let conn = Arc::clone(conn);
    state.tasks.spawn("request", async move {
        let answer = work.await;
        history::answered(&call, &answer, timed);
        if let Err(failure) = &answer {
            let trace_id = call.trace().map(|trace| field::display(trace.trace_id()));
            debug!(trace_id, code = %failure.error.details.code, "request failed");
        }
        conn.in_flight().remove(&id);
        conn.answer(call.state(), answer_frame(&conn, &id, answer));
        // What waits for the answer to be on its way may go on.
        drop(call);
    });
}

fn answer_frame(conn: &Conn, id: &str, answer: Answer) -> Vec<u8> {
    match answer {
        Ok(payload) => frame::ok(id, &payload, conn.mirror),
        Err(failure) => {
            let error = dialect::error(conn.view.dialect, failure.error);
            frame::error(id, &error, failure.payload.as_deref())
        }
    }
}

#[cfg(test)]
pub(super) fn future_size() -> usize {
    fn size<A, B, C, F: Future>(_: impl Fn(A, B, C) -> F) -> usize {
        size_of::<F>()
    }
    type Socket = WebSocket<tokio::io::DuplexStream>;
    fn of(socket: &'static mut Socket, state: &'static Arc<State>, ready: Ready) -> impl Future<Output = ()> {
        serve(socket, state, ready)
    }
    size(of)
}

//! The task that owns a connection's socket.

use std::{
    collections::{HashMap, VecDeque},
    future::poll_fn,
    sync::Arc,
    task::ready,
    time::Duration,
};

use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use serde_json::value::RawValue;
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};

use crate::{
    Delivery, End, Event, MAX_PENDING, MAX_UNSENT, Refusal,
    frame::{self, Incoming},
    socket::{GOODBYE, Socket, broken, close, text},
    whereabouts::Whereabouts,
};

/// What a handle asks of the task.
pub(crate) enum Command {
    /// Send this frame and hand its answer over.
    Request { id: String, text: String, waiter: Waiter },
    /// Say goodbye.
    Close,
}

/// Where the answers of one request go.
pub(crate) struct Waiter {
    /// The one that announces another; absent when the first answer is the last.
    pub(crate) accepted: Option<oneshot::Sender<Box<RawValue>>>,
    /// The last one.
    pub(crate) done: oneshot::Sender<Answer>,
}

/// The last answer to a request.
pub(crate) enum Answer {
    Payload(Box<RawValue>),
    Refused(Box<Refusal>),
    /// Never sent: the table is full.
    TooMany,
}

pub(crate) struct Actor {
    sink: SplitSink<Socket, Message>,
    stream: SplitStream<Socket>,
    commands: mpsc::Receiver<Command>,
    ended: watch::Sender<Option<End>>,
    silence: Duration,
    state: State,
}

/// What the connection knows beside its socket.
struct State {
    pending: HashMap<String, Waiter>,
    unsent: VecDeque<Message>,
    events: broadcast::Sender<Delivery>,
    last_seq: Option<u64>,
    whereabouts: Option<Whereabouts>,
}

impl Actor {
    pub(crate) fn new(
        socket: Socket,
        commands: mpsc::Receiver<Command>,
        events: broadcast::Sender<Delivery>,
        whereabouts: Option<Whereabouts>,
        silence: Duration,
        ended: watch::Sender<Option<End>>,
    ) -> Self {
        let (sink, stream) = socket.split();
        let state = State { pending: HashMap::new(), unsent: VecDeque::new(), events, last_seq: None, whereabouts };
        Self { sink, stream, commands, ended, silence, state }
    }

    /// Works until the connection ends. `stop` resolves when the program stops.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>) {
        let end = self.work(stop).await;
        // The end is told before the waiters are dropped, so that each of them can name it.
        self.ended.send_replace(Some(end.clone()));
        drop(self.state);
        drop(self.commands);

        let goodbye = match &end {
            End::Local => Some(close(1000, "")),
            End::Silent { .. } => Some(close(4000, "tick timeout")),
            End::Closed { .. } | End::Broken { .. } => None,
        };
        let _ = timeout(GOODBYE, async {
            match goodbye {
                Some(goodbye) => {
                    self.sink.send(goodbye).await?;
                    // Once the gateway has answered, nobody has anything left to say.
                    while !matches!(self.stream.next().await, None | Some(Err(_) | Ok(Message::Close(_)))) {}
                    Ok(())
                }
                // The answer to the gateway's own goodbye waits below.
                None => self.sink.flush().await,
            }
        })
        .await;
    }

    async fn work(&mut self, stop: impl Future<Output = ()>) -> End {
        let Self { sink, stream, commands, silence, state, .. } = self;
        let quiet = sleep(*silence);
        tokio::pin!(quiet, stop);
        let mut unflushed = false;
        loop {
            tokio::select! {
                message = stream.next() => {
                    quiet.as_mut().reset(Instant::now() + *silence);
                    match text(message) {
                        Ok(Some(text)) => state.take(&text),
                        Ok(None) => {}
                        Err(end) => return end,
                    }
                }
                sent = send(sink, &mut state.unsent), if unflushed => match sent {
                    Ok(()) => unflushed = false,
                    Err(error) => return broken(&error),
                },
                command = commands.recv(), if state.unsent.len() < MAX_UNSENT => match command {
                    Some(Command::Request { id, text, waiter }) => {
                        state.ask(id, text, waiter);
                        unflushed = true;
                    }
                    Some(Command::Close) | None => return End::Local,
                },
                () = &mut quiet => return End::Silent { after: *silence },
                () = &mut stop => return End::Local,
            }
        }
    }
}

/// Hands every frame over and flushes once. Nothing is lost when it is dropped half-way: it goes on with the next call.
async fn send(sink: &mut SplitSink<Socket, Message>, unsent: &mut VecDeque<Message>) -> Result<(), tungstenite::Error> {
    poll_fn(|context| {
        while !unsent.is_empty() {
            ready!(sink.poll_ready_unpin(context))?;
            if let Some(message) = unsent.pop_front() {
                sink.start_send_unpin(message)?;
            }
        }
        sink.poll_flush_unpin(context)
    })
    .await
}

impl State {
    fn ask(&mut self, id: String, text: String, waiter: Waiter) {
        if self.pending.len() >= MAX_PENDING {
            // Those who gave up waiting make room.
            self.pending.retain(|_, waiter| !waiter.done.is_closed());
        }
        if self.pending.len() >= MAX_PENDING {
            let _ = waiter.done.send(Answer::TooMany);
            return;
        }
        self.pending.insert(id, waiter);
        self.unsent.push_back(Message::text(text));
    }

    fn take(&mut self, text: &Utf8Bytes) {
        match Incoming::parse(text) {
            Ok(Incoming::Answer { id, ok, payload, error }) => self.answer(&id, ok, payload, error),
            Ok(Incoming::Event { name, payload, seq, place }) => {
                self.event(&name, payload, seq);
                if let (Some(whereabouts), Some((position, behind))) = (&self.whereabouts, place) {
                    whereabouts.read(position, behind);
                }
            }
            Ok(Incoming::Unknown) => {}
            Err(error) => tracing::warn!(%error, bytes = text.len(), "the gateway sent a frame that cannot be read"),
        }
    }

    fn answer(&mut self, id: &str, ok: bool, payload: Option<&RawValue>, error: Option<&RawValue>) {
        if ok
            && let Some(waiter) = self.pending.get_mut(id).filter(|waiter| waiter.accepted.is_some())
            && frame::is_accepted(payload)
        {
            if let Some(accepted) = waiter.accepted.take() {
                let _ = accepted.send(frame::owned(payload));
            }
            return;
        }
        // Nobody waits for it any more, or nobody ever asked.
        let Some(waiter) = self.pending.remove(id) else { return };
        let answer = if ok {
            Answer::Payload(frame::owned(payload))
        } else {
            let refusal = Refusal { payload: payload.map(RawValue::to_owned), ..Refusal::read(error) };
            Answer::Refused(Box::new(refusal))
        };
        let _ = waiter.done.send(answer);
    }

    fn event(&mut self, name: &str, payload: Option<&RawValue>, seq: Option<u64>) {
        if let Some(seq) = seq {
            let missed = self.last_seq.map_or(0, |last| seq.saturating_sub(last.saturating_add(1)));
            self.last_seq = Some(seq);
            if missed > 0 {
                let _ = self.events.send(Delivery::Missed(missed));
            }
        }
        if self.events.receiver_count() > 0 {
            let event = Event { name: name.to_owned(), payload: frame::owned(payload), seq };
            let _ = self.events.send(Delivery::Event(Arc::new(event)));
        }
    }
}

//! One connection: requests out, answers and events in.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use openclaw_protocol::Dialect;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    time::timeout,
};

use crate::{
    ConnectError, Delivery, End, EventStream, Hello, Options, RequestError,
    actor::{Actor, Command, Waiter},
    frame,
    handshake::{Offer, Shown, greet},
    socket,
    whereabouts::Whereabouts,
};

/// Connects once.
///
/// When the gateway refuses the token but says that the device's own token would do, that is tried once; when it does
/// not speak the protocol and [`crate::Protocol::fallback`] names another version, that is tried once.
///
/// # Errors
/// [`ConnectError`]; [`ConnectError::prospect`] tells whether trying again makes sense.
pub async fn connect(options: &Options) -> Result<Connection, ConnectError> {
    let (events, _) = broadcast::channel(options.event_buffer.max(1));
    connect_with(options, events, None).await
}

/// [`connect`], with events that go to somebody else's readers, and on from where those are.
pub(crate) async fn connect_with(
    options: &Options,
    events: broadcast::Sender<Delivery>,
    whereabouts: Option<&Whereabouts>,
) -> Result<Connection, ConnectError> {
    let stop = options.handles.tasks.stop_token();
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(ConnectError::Stopped),
        result = attempts(options, events, whereabouts) => result,
    }
}

async fn attempts(
    options: &Options,
    events: broadcast::Sender<Delivery>,
    whereabouts: Option<&Whereabouts>,
) -> Result<Connection, ConnectError> {
    let ask = whereabouts.map(Whereabouts::ask);
    let mut offer = Offer { min: options.protocol.min, max: options.protocol.max, secret: Shown::First };
    let mut fallback = options.protocol.fallback.filter(|version| !(offer.min..=offer.max).contains(version));
    loop {
        let mut socket = socket::open(options).await?;
        match greet(&mut socket, options, offer, ask.as_ref()).await {
            Ok(hello) => return Ok(start(options, socket, hello, events, whereabouts)),
            Err(ConnectError::ProtocolMismatch { .. }) if fallback.is_some() => {
                let version = fallback.take().unwrap_or(offer.min);
                (offer.min, offer.max) = (version, version);
            }
            Err(ConnectError::Refused { refusal, .. })
                if refusal.details.get("canRetryWithDeviceToken") == Some(&serde_json::Value::Bool(true))
                    && offer.secret == Shown::First
                    && options.credentials.token.is_some()
                    && options.credentials.device_token.is_some() =>
            {
                offer.secret = Shown::DeviceToken;
            }
            Err(error) => return Err(error),
        }
    }
}

fn start(
    options: &Options,
    socket: socket::Socket,
    hello: Hello,
    events: broadcast::Sender<Delivery>,
    whereabouts: Option<&Whereabouts>,
) -> Connection {
    // Before any event of the new connection.
    if let Some(gap) = whereabouts.and_then(|whereabouts| whereabouts.arrived(hello.resume.as_ref())) {
        let _ = events.send(Delivery::Gap(gap));
    }
    let (commands, received) = mpsc::channel(crate::MAX_UNSENT);
    let (end, ended) = watch::channel(None);
    let connection = Connection(Arc::new(Shared {
        commands,
        ended,
        events: events.downgrade(),
        next_id: AtomicU64::new(1),
        deadline: options.deadlines.request,
        hello,
    }));
    let silence = Duration::from_millis(connection.hello().tick_interval_ms * 2);
    let actor = Actor::new(socket, received, events, whereabouts.cloned(), silence, end);
    let stop = options.handles.tasks.stop_token();
    options.handles.tasks.spawn("gateway connection", async move { actor.run(stop.cancelled_owned()).await });
    connection
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// As long as [`crate::Deadlines::request`] says.
    Usual,
    /// This long.
    After(Duration),
    /// As long as the connection lives.
    Never,
}

/// A live connection. Clones share it; it closes when the last one goes.
#[derive(Clone)]
pub struct Connection(Arc<Shared>);

struct Shared {
    commands: mpsc::Sender<Command>,
    ended: watch::Receiver<Option<End>>,
    // Weak, so that readers learn the end when the connection's task goes.
    events: broadcast::WeakSender<Delivery>,
    next_id: AtomicU64,
    deadline: Duration,
    hello: Hello,
}

impl Connection {
    /// Calls a method and waits for its one answer, at most [`crate::Deadlines::request`].
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn request(&self, method: &str, params: impl Serialize) -> Result<Box<RawValue>, RequestError> {
        self.request_within(method, params, Deadline::Usual).await
    }

    /// Calls a method and waits for its one answer.
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn request_within(
        &self,
        method: &str,
        params: impl Serialize,
        deadline: Deadline,
    ) -> Result<Box<RawValue>, RequestError> {
        let (done, answer) = oneshot::channel();
        self.exchange(method, params, deadline, Waiter { accepted: None, done }, answer).await
    }

    /// Calls a method and reads its one answer.
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn call<T: DeserializeOwned>(&self, method: &str, params: impl Serialize) -> Result<T, RequestError> {
        let answer = self.request(method, params).await?;
        serde_json::from_str(answer.get())
            .map_err(|error| RequestError::Answer { method: method.to_owned(), what: error.to_string() })
    }

    /// Calls a method that may answer twice: `on_accepted` gets the answer with status `accepted` when one comes, and
    /// the final answer is returned. The deadline spans both.
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn request_with(
        &self,
        method: &str,
        params: impl Serialize,
        deadline: Deadline,
        on_accepted: impl FnOnce(&RawValue),
    ) -> Result<Box<RawValue>, RequestError> {
        let (accept, mut accepted) = oneshot::channel::<Box<RawValue>>();
        let (done, mut answer) = oneshot::channel();
        let both = async {
            tokio::select! {
                biased;
                Ok(payload) = &mut accepted => on_accepted(&payload),
                result = &mut answer => return result,
            }
            answer.await
        };
        self.exchange(method, params, deadline, Waiter { accepted: Some(accept), done }, both).await
    }

    async fn exchange(
        &self,
        method: &str,
        params: impl Serialize,
        deadline: Deadline,
        waiter: Waiter,
        answer: impl Future<Output = Result<crate::actor::Answer, oneshot::error::RecvError>>,
    ) -> Result<Box<RawValue>, RequestError> {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed).to_string();
        let unsendable = |what: String| RequestError::Params { method: method.to_owned(), what };
        let text = frame::request(&id, method, params).map_err(|error| unsendable(error.to_string()))?;
        let most = self.0.hello.max_payload;
        if text.len() > most {
            return Err(unsendable(format!("the frame has {} bytes, the gateway takes at most {most}", text.len())));
        }
        let ended = || async {
            let mut ended = self.0.ended.clone();
            // The task's own word; without one the program is ending.
            let end = ended.wait_for(Option::is_some).await.ok().and_then(|end| end.clone());
            RequestError::Ended { method: method.to_owned(), end: end.unwrap_or(End::Local) }
        };
        let exchange = async {
            if self.0.commands.send(Command::Request { id, text, waiter }).await.is_err() {
                return Err(ended().await);
            }
            match answer.await {
                Ok(crate::actor::Answer::Payload(payload)) => Ok(payload),
                Ok(crate::actor::Answer::Refused(refusal)) => {
                    Err(RequestError::Refused { method: method.to_owned(), refusal })
                }
                Ok(crate::actor::Answer::TooMany) => Err(RequestError::TooManyPending { method: method.to_owned() }),
                Err(_) => Err(ended().await),
            }
        };
        let after = match deadline {
            Deadline::Usual => self.0.deadline,
            Deadline::After(after) => after,
            Deadline::Never => return exchange.await,
        };
        let late = |_| RequestError::Timeout { method: method.to_owned(), after };
        timeout(after, exchange).await.map_err(late)?
    }

    /// Events from now on. Each reader gets all of them; one that falls behind by more than
    /// [`Options::event_buffer`] is told how many it missed.
    #[must_use]
    pub fn events(&self) -> EventStream {
        EventStream::new(self.0.events.upgrade().as_ref())
    }

    /// What the gateway said when it let us in.
    #[must_use]
    pub fn hello(&self) -> &Hello {
        &self.0.hello
    }

    /// The dialect that was agreed on.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.0.hello.dialect
    }

    /// Waits for the end and tells how it came.
    pub async fn ended(&self) -> End {
        let mut ended = self.0.ended.clone();
        let end = ended.wait_for(Option::is_some).await.ok().and_then(|end| end.clone());
        end.unwrap_or(End::Local)
    }

    /// Says goodbye and waits, at most a second, until the gateway has heard it. Ends the connection for all clones.
    pub async fn close(self) -> End {
        let _ = self.0.commands.send(Command::Close).await;
        self.ended().await
    }
}

/// Whether both are handles of the same connection.
impl PartialEq for Connection {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.0.hello.server.conn_id)
    }
}

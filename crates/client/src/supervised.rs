//! A connection that comes back by itself, and goes on where it was when the gateway still can.

use std::{fmt, sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::{
    sync::{broadcast, oneshot, watch},
    time::{sleep, timeout},
};

use crate::{
    ConnectError, Connection, Deadline, Delivery, End, EventStream, Options, Prospect, RequestError,
    connection::connect_with, whereabouts::Whereabouts,
};

/// Longest wait that a gateway can ask for with `retryAfterMs`.
const MAX_ASKED_WAIT: Duration = Duration::from_secs(300);

/// Where a supervised connection stands.
#[derive(Clone, Debug)]
pub enum State {
    /// The first attempt is under way.
    Connecting,
    /// It is up, and what has to be subscribed is subscribed.
    Connected(Connection),
    /// It is down and will come back.
    Reconnecting {
        /// Attempts since it was last up, from 1.
        attempt: u32,
        /// Wait before this attempt.
        wait: Duration,
        /// Why it is down.
        why: Arc<str>,
    },
    /// It is down and will not come back by itself.
    Final {
        /// Why, and what to do.
        why: Arc<str>,
    },
}

/// Keeps a connection up until it is dropped, the program stops, or the gateway says no for good.
pub struct Supervised {
    state: watch::Receiver<State>,
    events: broadcast::WeakSender<Delivery>,
    close: Option<oneshot::Sender<()>>,
    deadline: Duration,
}

/// As [`supervise`], but connects first, so that a gateway that is not there is an error here.
///
/// # Errors
/// [`ConnectError`] of the first attempt.
pub async fn connect_supervised(options: Options) -> Result<Supervised, ConnectError> {
    let (events, whereabouts) = (broadcast::channel(options.event_buffer.max(1)).0, Whereabouts::default());
    let first = connect_with(&options, events.clone(), Some(&whereabouts)).await?;
    Ok(start(options, Some(first), events, whereabouts, |_| async { Ok(()) }.boxed()))
}

/// Keeps a connection up. `on_connected` runs after each hello, before [`State::Connected`] is told, and is the place
/// to subscribe again; a connection on which it fails is given up and made anew.
///
/// After a hello with a device token, that token is what later attempts show when no other secret is given.
pub fn supervise(
    options: Options,
    on_connected: impl Fn(Connection) -> BoxFuture<'static, Result<(), RequestError>> + Send + Sync + 'static,
) -> Supervised {
    let events = broadcast::channel(options.event_buffer.max(1)).0;
    start(options, None, events, Whereabouts::default(), on_connected)
}

fn start(
    options: Options,
    first: Option<Connection>,
    events: broadcast::Sender<Delivery>,
    whereabouts: Whereabouts,
    on_connected: impl Fn(Connection) -> BoxFuture<'static, Result<(), RequestError>> + Send + Sync + 'static,
) -> Supervised {
    let (tell, state) = watch::channel(first.clone().map_or(State::Connecting, State::Connected));
    let (close, closing) = oneshot::channel();
    let supervised =
        Supervised { state, events: events.downgrade(), close: Some(close), deadline: options.deadlines.request };
    let tasks = options.handles.tasks.clone();
    tasks.spawn("supervised gateway connection", async move {
        let stop = options.handles.tasks.stop_token();
        let keep = keep_up(options, first, &tell, (&events, &whereabouts), on_connected);
        let why = tokio::select! {
            biased;
            () = stop.cancelled() => Arc::from("the program is stopping"),
            _ = closing => Arc::from("it was closed here"),
            why = keep => why,
        };
        // Letting go of the connection closes it.
        tell.send_replace(State::Final { why });
    });
    supervised
}

/// Why a connection is down, and what that means for the next attempt.
struct Down {
    why: String,
    prospect: Prospect,
    asked: Option<Duration>,
}

async fn keep_up(
    mut options: Options,
    mut first: Option<Connection>,
    tell: &watch::Sender<State>,
    (events, whereabouts): (&broadcast::Sender<Delivery>, &Whereabouts),
    on_connected: impl Fn(Connection) -> BoxFuture<'static, Result<(), RequestError>>,
) -> Arc<str> {
    let mut attempt: u32 = 0;
    loop {
        let connected = match first.take() {
            Some(first) => Ok(first),
            None => connect_with(&options, events.clone(), Some(whereabouts)).await,
        };
        let down = match connected {
            Ok(connection) => {
                if let Some(token) = &connection.hello().device_token {
                    options.credentials.device_token = Some(token.clone());
                }
                match on_connected(connection.clone()).await {
                    Ok(()) => {
                        attempt = 0;
                        tell.send_replace(State::Connected(connection.clone()));
                        let end = connection.ended().await;
                        Down { why: end.to_string(), prospect: end.prospect(), asked: None }
                    }
                    Err(RequestError::Ended { end, .. }) => {
                        Down { why: end.to_string(), prospect: end.prospect(), asked: None }
                    }
                    Err(error) => {
                        // Only one connection reads at a time, or events would come twice.
                        connection.close().await;
                        Down { why: error.to_string(), prospect: Prospect::Retry, asked: None }
                    }
                }
            }
            Err(error) => {
                let asked = error.refusal().and_then(|refusal| refusal.retry_after_ms).map(Duration::from_millis);
                let why = match error.next_step() {
                    Some(step) => format!("{error}; {step}"),
                    None => error.to_string(),
                };
                Down { why, prospect: error.prospect(), asked }
            }
        };
        let why: Arc<str> = Arc::from(down.why);
        let random = u64::from_le_bytes(options.handles.ids.bytes());
        let wait = match down.prospect {
            Prospect::Final => return why,
            Prospect::Retry => options.backoff.delay(attempt, random),
            // Guessing often would lock everybody on this address out.
            Prospect::Slow => options.backoff.delay(u32::MAX, random),
        };
        let wait = wait.max(down.asked.unwrap_or_default().min(MAX_ASKED_WAIT));
        attempt = attempt.saturating_add(1);
        tracing::debug!(attempt, wait_ms = wait.as_millis(), %why, "the gateway connection is down");
        tell.send_replace(State::Reconnecting { attempt, wait, why });
        sleep(wait).await;
    }
}

impl Supervised {
    /// Where it stands, now and whenever that changes.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.clone()
    }

    /// The connection, once it is up.
    ///
    /// # Errors
    /// Why it will not come up any more.
    pub async fn connection(&self) -> Result<Connection, Arc<str>> {
        let mut state = self.state.clone();
        let settled = state.wait_for(|state| matches!(state, State::Connected(_) | State::Final { .. })).await;
        match settled.as_deref() {
            Ok(State::Connected(connection)) => Ok(connection.clone()),
            Ok(State::Final { why }) => Err(Arc::clone(why)),
            _ => Err(Arc::from("the program is stopping")),
        }
    }

    /// Calls a method on the connection that is up, waiting for one first. It is not repeated when the connection ends
    /// in between: only the caller knows whether it may be.
    ///
    /// # Errors
    /// [`RequestError`]
    pub async fn request(&self, method: &str, params: impl Serialize) -> Result<Box<RawValue>, RequestError> {
        match self.connection().await {
            Ok(connection) => connection.request(method, params).await,
            Err(why) => {
                Err(RequestError::Ended { method: method.to_owned(), end: End::Broken { what: why.to_string() } })
            }
        }
    }

    /// Calls a method that may be repeated, because it changes nothing or carries an idempotency key: when the connection
    /// ends before the answer, it is called again on the next one. `on_accepted` as in [`Connection::request_with`]; it may
    /// be called once for each connection. The deadline spans everything.
    ///
    /// # Errors
    /// [`RequestError`]; [`RequestError::Ended`] only when no connection comes up any more.
    pub async fn request_again(
        &self,
        method: &str,
        params: impl Serialize,
        deadline: Deadline,
        on_accepted: impl Fn(&RawValue),
    ) -> Result<Box<RawValue>, RequestError> {
        let again = async {
            let mut state = self.state.clone();
            loop {
                let connection = match self.connection().await {
                    Ok(connection) => connection,
                    Err(why) => {
                        let end = End::Broken { what: why.to_string() };
                        return Err(RequestError::Ended { method: method.to_owned(), end });
                    }
                };
                match connection.request_with(method, &params, Deadline::Never, &on_accepted).await {
                    Err(RequestError::Ended { end, .. }) if end.prospect() != Prospect::Final => {
                        let is_it = |state: &State| matches!(state, State::Connected(other) if *other == connection);
                        let _ = state.wait_for(|state| !is_it(state)).await;
                    }
                    outcome => return outcome,
                }
            }
        };
        let after = match deadline {
            Deadline::Usual => self.deadline,
            Deadline::After(after) => after,
            Deadline::Never => return again.await,
        };
        timeout(after, again).await.map_err(|_| RequestError::Timeout { method: method.to_owned(), after })?
    }

    /// Events of all connections from now on. Between two of them stands a [`Delivery::Gap`] unless they go on where they were.
    #[must_use]
    pub fn events(&self) -> EventStream {
        EventStream::new(self.events.upgrade().as_ref())
    }

    /// Closes the connection and makes no new one.
    pub async fn close(mut self) {
        drop(self.close.take());
        let mut state = self.state.clone();
        let last = match &*state.borrow() {
            State::Connected(connection) => Some(connection.clone()),
            _ => None,
        };
        let _ = state.wait_for(|state| matches!(state, State::Final { .. })).await;
        if let Some(connection) = last {
            connection.close().await;
        }
    }
}

impl fmt::Debug for Supervised {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Supervised({:?})", *self.state.borrow())
    }
}

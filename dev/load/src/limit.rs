//! The bound: a bare WebSocket server that answers with messages of given sizes and does nothing else.
//!
//! One thread, the gateway's own framing and HTTP layer, no authentication, no storage, no work. What it costs is what
//! the machine and the protocol cost; the rest of a gateway's cost is the gateway's.

mod connection;

use std::{cell::RefCell, collections::BTreeMap, collections::VecDeque, rc::Rc};

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use openclaw_protocol::frame;
use serde::{Deserialize, Serialize};
use tokio::{
    net::TcpListener,
    sync::Notify,
    task::{JoinSet, LocalSet, spawn_local},
    time::{Instant, sleep_until},
};

use crate::turn::{Turn, now_us};

/// Connections served at once.
const CONNECTIONS: usize = 20_000;
/// Turns streamed at once.
const TURNS: usize = 1_024;
/// Events that may wait for one connection; a slower reader is left without the rest.
const INBOX: usize = 65_536;

/// Lengths of what is sent, in bytes of JSON payload. The defaults are plausible; a run measures the gateway's.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sizes {
    /// Payload of the answer to connect.
    #[arg(long, default_value_t = 4_000)]
    pub(crate) hello: usize,
    /// Payload of the answer to `ping`.
    #[arg(long, default_value_t = 40)]
    pub(crate) ping: usize,
    /// Payload of the answer to `health`.
    #[arg(long, default_value_t = 1_200)]
    pub(crate) health: usize,
    /// Payload of the answer to `sessions.list` with 20 sessions.
    #[arg(long, default_value_t = 12_000)]
    pub(crate) list: usize,
    /// Payload of the event that `chat.inject` causes.
    #[arg(long, default_value_t = 300)]
    pub(crate) event: usize,
    /// Payload of each delta of a chat turn.
    #[arg(long, default_value_t = 400)]
    pub(crate) delta: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { hello: 4_000, ping: 40, health: 1_200, list: 12_000, event: 300, delta: 400 }
    }
}

impl Sizes {
    /// The arguments of the subcommand that make a server of these sizes.
    pub(crate) fn arguments(&self) -> Vec<String> {
        [
            ("hello", self.hello),
            ("ping", self.ping),
            ("health", self.health),
            ("list", self.list),
            ("event", self.event),
            ("delta", self.delta),
        ]
        .map(|(name, size)| format!("--{name}={size}"))
        .to_vec()
    }
}

/// Serves until the process is ended.
pub(crate) async fn serve(port: u16, sizes: Sizes) -> Result<()> {
    LocalSet::new()
        .run_until(async {
            let listener = TcpListener::bind(("127.0.0.1", port)).await?;
            let shared = Rc::new(Shared::new(sizes));
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                        connections.spawn_local(connection::serve(accepted?.0, Rc::clone(&shared)));
                    }
                    Some(_) = connections.join_next() => {}
                }
            }
        })
        .await
}

/// What all connections share.
struct Shared {
    sizes: Sizes,
    /// Ready payloads.
    hello: String,
    ping: String,
    health: String,
    list: String,
    inboxes: RefCell<BTreeMap<u64, Rc<Inbox>>>,
    turns: RefCell<usize>,
}

/// Events on their way to one connection.
#[derive(Default)]
struct Inbox {
    events: RefCell<VecDeque<Bytes>>,
    filled: Notify,
}

impl Shared {
    fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            hello: padded("", sizes.hello),
            ping: padded("", sizes.ping),
            health: padded("", sizes.health),
            list: padded("", sizes.list),
            inboxes: RefCell::default(),
            turns: RefCell::default(),
        }
    }

    /// Enters a connection among those that get events.
    fn subscribe(&self) -> (u64, Rc<Inbox>) {
        let mut inboxes = self.inboxes.borrow_mut();
        let number = inboxes.last_key_value().map_or(0, |(last, _)| last + 1);
        let inbox = Rc::new(Inbox::default());
        inboxes.insert(number, Rc::clone(&inbox));
        (number, inbox)
    }

    fn unsubscribe(&self, number: u64) {
        self.inboxes.borrow_mut().remove(&number);
    }

    /// Sends one event to everybody: serialised once, as the gateway does.
    fn broadcast(&self, payload: &str) {
        let raw: &serde_json::value::RawValue = match serde_json::from_str(payload) {
            Ok(raw) => raw,
            Err(_) => return,
        };
        let event = Bytes::from(frame::event_open("chat", &raw, None));
        for inbox in self.inboxes.borrow().values() {
            let mut events = inbox.events.borrow_mut();
            if events.len() < INBOX {
                events.push_back(event.clone());
                inbox.filled.notify_one();
            }
        }
    }

    /// `chat.inject`: one event of the given size, or as much longer as the message is.
    fn inject(&self, params: usize) {
        self.broadcast(&padded("", self.sizes.event.max(params)));
    }

    /// `chat.send`: streams the tokens that the message orders.
    fn begin_turn(self: &Rc<Self>, turn: Turn) {
        if *self.turns.borrow() >= TURNS {
            return;
        }
        *self.turns.borrow_mut() += 1;
        let shared = Rc::clone(self);
        spawn_local(async move {
            shared.stream_turn(&turn).await;
            *shared.turns.borrow_mut() -= 1;
        });
    }

    async fn stream_turn(&self, turn: &Turn) {
        let (received, start) = (now_us(), Instant::now());
        let mut first = received;
        let delta = padded(&format!(r#""runId":"{}","state":"delta""#, turn.run), self.sizes.delta);
        for index in 0..turn.tokens {
            if turn.pace_us > 0 {
                sleep_until(start + turn.due(index)).await;
            }
            if index == 0 {
                first = now_us();
            }
            self.broadcast(&delta);
        }
        let last = now_us();
        self.broadcast(&format!(r#"{{"runId":"{}","state":"final","times":[{received},{first},{last}]}}"#, turn.run));
    }
}

/// An object that begins with `members` and has `size` bytes, or as few as it can have.
fn padded(members: &str, size: usize) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    let empty = format!(r#"{{{members}{comma}"pad":""}}"#);
    let filling = "x".repeat(size.saturating_sub(empty.len()));
    format!(r#"{{{members}{comma}"pad":"{filling}"}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_have_the_size_that_was_asked_for() {
        for (members, size) in [("", 40), (r#""a":1"#, 4_000)] {
            let payload = padded(members, size);
            assert_eq!(payload.len(), size);
            serde_json::from_str::<serde_json::Value>(&payload).unwrap();
        }
        assert_eq!(padded("", 0), r#"{"pad":""}"#);
    }

    #[test]
    fn sizes_survive_the_command_line() {
        use clap::{Args as _, FromArgMatches};
        let sizes = Sizes { hello: 1, ping: 2, health: 3, list: 4, event: 5, delta: 6 };
        let command = Sizes::augment_args(clap::Command::new("limit"));
        let words = std::iter::once("limit".to_owned()).chain(sizes.arguments());
        assert_eq!(Sizes::from_arg_matches(&command.clone().get_matches_from(words)).unwrap(), sizes);
        assert_eq!(Sizes::from_arg_matches(&command.get_matches_from(["limit"])).unwrap(), Sizes::default());
    }
}

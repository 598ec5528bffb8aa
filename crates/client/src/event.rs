//! Events, handed to every reader without waiting for a slow one.

use std::{fmt, sync::Arc};

use openclaw_protocol::resume::Reason;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tokio::sync::broadcast;

/// Something that happened in the gateway.
#[derive(Debug)]
pub struct Event {
    /// For example `chat`.
    pub name: String,
    /// What belongs to it; `null` when the gateway sent none.
    pub payload: Box<RawValue>,
    /// Its number on this connection.
    pub seq: Option<u64>,
}

impl Event {
    /// Reads the payload.
    ///
    /// # Errors
    /// When it has another shape.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_str(self.payload.get())
    }
}

/// What a reader of events gets.
#[derive(Clone, Debug)]
pub enum Delivery {
    /// The next event.
    Event(Arc<Event>),
    /// This many events are lost to this reader: it was too slow, or their numbers show a gap.
    Missed(u64),
    /// The connection was lost, and events do not go on where they were. What follows is the beginning of a new one: fetch
    /// what is shown anew. Without this word between them, events of two connections follow each other as if there were one.
    Gap(Gap),
}

/// Why events do not go on where they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The gateway says so.
    Snapshot(Reason),
    /// The gateway does not keep events for those who come back.
    NotOffered,
}

impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snapshot(reason) => reason.text(),
            Self::NotOffered => "this gateway does not keep events for clients that come back",
        })
    }
}

/// Reads events from the moment it was made.
#[derive(Debug)]
pub struct EventStream(Option<broadcast::Receiver<Delivery>>);

impl EventStream {
    pub(crate) fn new(sender: Option<&broadcast::Sender<Delivery>>) -> Self {
        Self(sender.map(broadcast::Sender::subscribe))
    }

    /// The next event, or word of events that are lost; `None` once no more can come.
    pub async fn next(&mut self) -> Option<Delivery> {
        match self.0.as_mut()?.recv().await {
            Ok(delivery) => Some(delivery),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(Delivery::Missed(count)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// The next event with this name; others and losses are passed over.
    pub async fn named(&mut self, name: &str) -> Option<Arc<Event>> {
        loop {
            match self.next().await? {
                Delivery::Event(event) if event.name == name => return Some(event),
                _ => {}
            }
        }
    }
}

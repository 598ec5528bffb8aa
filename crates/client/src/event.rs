//! Events, handed to every reader without waiting for a slow one.

use std::sync::Arc;

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

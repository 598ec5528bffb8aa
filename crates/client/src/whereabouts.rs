//! Where a supervised connection is in the gateway's events, for the connection that follows it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use openclaw_protocol::resume::{Answer, Ask, Place, Status};

use crate::Gap;

/// Shared by the task that reads events and the one that connects; only one connection reads at a time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whereabouts(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    place: Option<Place>,
    was_connected: bool,
}

impl Whereabouts {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to say in `connect`.
    pub(crate) fn ask(&self) -> Ask {
        Ask { from: self.inner().place.clone() }
    }

    /// Takes over what hello says, and tells why events do not go on where they were, unless they do.
    pub(crate) fn arrived(&self, answer: Option<&Answer>) -> Option<Gap> {
        let mut inner = self.inner();
        let was_connected = std::mem::replace(&mut inner.was_connected, true);
        if let (Some(Answer { status: Status::Resumed, .. }), Some(_)) = (answer, &inner.place) {
            return None;
        }
        inner.place = answer.map(Answer::place);
        let gap = answer.and_then(|answer| answer.reason).map_or(Gap::NotOffered, Gap::Snapshot);
        was_connected.then_some(gap)
    }

    /// An event was handed over.
    pub(crate) fn read(&self, position: u64, behind: Vec<u64>) {
        if let Some(place) = &mut self.inner().place {
            (place.position, place.behind) = (position, behind);
        }
    }
}

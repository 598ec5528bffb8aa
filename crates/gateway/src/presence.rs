//! The list of who is connected. It is told in full, at most once per connection and 250 ms.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use openclaw_protocol::{event::Event, hello::PresenceEntry};
use tokio::sync::Notify;

use crate::state::State;

/// Time in which changes are told together.
const GATHER: Duration = Duration::from_millis(250);
/// Time that one copy of one entry is worth, which bounds the list to about 40 MB a second for all connections together.
const PER_COPY: Duration = Duration::from_micros(4);
/// Entries that are told; more connections than that are counted, not listed.
const LISTED: usize = 500;

/// Who is connected.
#[derive(Debug)]
pub(crate) struct Presence {
    own: PresenceEntry,
    entries: Mutex<BTreeMap<String, PresenceEntry>>,
    list: arc_swap::ArcSwap<Vec<PresenceEntry>>,
    version: AtomicU64,
    changed: Notify,
}

impl Presence {
    /// Only the gateway itself is there.
    pub(crate) fn new(own: PresenceEntry) -> Self {
        Self {
            list: arc_swap::ArcSwap::from_pointee(vec![own.clone()]),
            own,
            entries: Mutex::default(),
            version: AtomicU64::new(1),
            changed: Notify::new(),
        }
    }

    fn entries(&self) -> MutexGuard<'_, BTreeMap<String, PresenceEntry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection, when it is one that is listed.
    pub(crate) fn joined(&self, conn_id: &str, entry: Option<PresenceEntry>) {
        if let Some(entry) = entry {
            self.entries().insert(conn_id.to_owned(), entry);
            self.touched();
        }
    }

    /// Removes a connection.
    pub(crate) fn left(&self, conn_id: &str) {
        if self.entries().remove(conn_id).is_some() {
            self.touched();
        }
    }

    fn touched(&self) {
        self.version.fetch_add(1, Ordering::Relaxed);
        self.changed.notify_one();
    }

    /// Grows with each change.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Time in which changes are told together: every connection gets every entry, so the more there are of both the rarer.
    fn gather(&self, connections: usize) -> Duration {
        let entries = self.entries().len().min(LISTED) + 1;
        GATHER.max(PER_COPY.saturating_mul(u32::try_from(entries * connections).unwrap_or(u32::MAX)))
    }

    /// The list as it was last told, usually at most 250 ms old. Shared, so that a thousand handshakes do not build it a thousand times.
    pub(crate) fn list(&self) -> Arc<Vec<PresenceEntry>> {
        self.list.load_full()
    }

    /// The list as it is now.
    pub(crate) fn fresh(&self) -> Vec<PresenceEntry> {
        let entries = self.entries();
        std::iter::once(&self.own).chain(entries.values().take(LISTED)).cloned().collect()
    }

    /// Tells changes until the gateway stops.
    pub(crate) async fn tell(state: Arc<State>) {
        loop {
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = state.presence.changed.notified() => {}
            }
            let gather = state.presence.gather(state.hub.len());
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = tokio::time::sleep(gather) => {}
            }
            let list = state.presence.fresh();
            state.presence.list.store(Arc::new(list.clone()));
            state.hub.publish(Event::Presence { presence: list.into(), version: state.state_version() });
        }
    }
}

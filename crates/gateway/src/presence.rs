//! The list of who is connected. It is told in full, as clients expect it; the more bytes that costs, the more seldom.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use openclaw_protocol::{event::Event, hello::PresenceEntry};
use serde_json::value::RawValue;
use tokio::{sync::Notify, time::Instant};

use crate::state::State;

/// Least time in which changes are told together.
const GATHER: Duration = Duration::from_millis(250);
/// Entries that are told; more connections than that are counted, not listed.
const LISTED: usize = 500;
/// What programs said of themselves is told for so long, milliseconds.
const SAID_MS: i64 = 5 * 60 * 1000;
/// Most of those.
const SAID: usize = 200;
/// Their keys begin so; a connection's name never does.
const SAID_KEY: &str = "said:";

/// Who is connected.
#[derive(Debug)]
pub(crate) struct Presence {
    own: PresenceEntry,
    entries: Mutex<BTreeMap<String, PresenceEntry>>,
    list: arc_swap::ArcSwap<Box<RawValue>>,
    version: AtomicU64,
    changed: Notify,
}

impl Presence {
    /// Only the gateway itself is there.
    pub(crate) fn new(own: PresenceEntry) -> Self {
        Self {
            list: arc_swap::ArcSwap::from_pointee(written(std::slice::from_ref(&own))),
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

    /// Adds what a program said of itself, or replaces what it said before. Told for [`SAID_MS`], and at most [`SAID`] at a time.
    pub(crate) fn said(&self, entry: PresenceEntry) {
        let name =
            entry.instance_id.as_ref().or(entry.device_id.as_ref()).or(entry.host.as_ref()).or(entry.ip.as_ref());
        let name = format!("{SAID_KEY}{}", name.map_or("", String::as_str));
        let mut entries = self.entries();
        let said: Vec<(String, i64)> = entries
            .range(SAID_KEY.to_owned()..)
            .take_while(|(key, _)| key.starts_with(SAID_KEY))
            .map(|(key, entry)| (key.clone(), entry.ts))
            .collect();
        let known = said.iter().any(|(key, _)| *key == name);
        let oldest = said.iter().min_by_key(|(_, ts)| *ts).filter(|_| !known && said.len() >= SAID);
        let over = said.iter().filter(|(_, ts)| entry.ts - ts > SAID_MS).chain(oldest);
        for (key, _) in over {
            entries.remove(key);
        }
        entries.insert(name, entry);
        drop(entries);
        self.touched();
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

    /// The list as it was last told, usually at most 250 ms old. Written once, so that a thousand handshakes do not write it a thousand times.
    pub(crate) fn list(&self) -> Arc<Box<RawValue>> {
        self.list.load_full()
    }

    /// The list as it is now.
    pub(crate) fn fresh(&self, now_ms: i64) -> Vec<PresenceEntry> {
        let mut entries = self.entries();
        entries.retain(|key, entry| !key.starts_with(SAID_KEY) || now_ms - entry.ts <= SAID_MS);
        std::iter::once(&self.own).chain(entries.values().take(LISTED)).cloned().collect()
    }

    /// Tells changes until the gateway stops.
    pub(crate) async fn tell(state: Arc<State>) {
        let mut paid = Instant::now();
        loop {
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = state.presence.changed.notified() => {}
            }
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = tokio::time::sleep_until(paid.max(Instant::now() + GATHER)) => {}
            }
            let list = state.presence.fresh(state.clock.now_ms());
            state.presence.list.store(Arc::new(written(&list)));
            let told = state.hub.publish(Event::Presence { presence: list.into(), version: state.state_version() });
            paid = Instant::now() + worth(told, state.limits().presence_bytes_per_second);
        }
    }
}

fn written(list: &[PresenceEntry]) -> Box<RawValue> {
    serde_json::value::to_raw_value(list).unwrap_or_default()
}

/// How long these bytes last at this many bytes a second.
fn worth(bytes: usize, per_second: u64) -> Duration {
    let micros = (bytes as u64).saturating_mul(1_000_000) / per_second.max(1);
    Duration::from_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_as_often_as_its_budget_lasts() {
        assert_eq!(worth(0, 1), Duration::ZERO);
        assert_eq!(worth(16 << 20, 16 << 20), Duration::from_secs(1));
        assert_eq!(worth(70_000 * 200, 16 << 20).as_millis(), 834);
        assert!(worth(usize::MAX, 0) > Duration::from_secs(10_000_000));
    }
}

//! What agents are to be told with their next turn in a session. The texts wait in the store; this knows where any wait, so
//! that a turn in any other session costs nothing.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use openclaw_core::{cron::SystemEvent, record::AuditEvent};
use openclaw_protocol::{SessionKey, WireError};
use openclaw_store::{
    Change, Reader, Store, Transaction,
    cron::{CronChange, MAX_SYSTEM_EVENT_BYTES},
};

use crate::{fault, state::State};

/// How many events wait in which session. Bounded as the store's table is.
#[derive(Debug, Default)]
pub(crate) struct SystemEvents(Mutex<HashMap<SessionKey, usize>>);

/// Most bytes of one event.
pub(crate) const TEXT_BYTES: usize = MAX_SYSTEM_EVENT_BYTES;

impl SystemEvents {
    fn counts(&self) -> MutexGuard<'_, HashMap<SessionKey, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns what waits, at the start.
    pub(crate) async fn load(&self, store: &Store) -> Result<(), openclaw_store::Error> {
        let counts = store.read(Reader::system_event_counts).await?;
        self.counts().extend(counts);
        Ok(())
    }

    /// Says that one more waits.
    pub(crate) fn added(&self, key: &SessionKey) {
        *self.counts().entry(key.clone()).or_default() += 1;
    }

    /// Says that so many were told.
    pub(crate) fn told(&self, key: &SessionKey, count: usize) {
        let mut counts = self.counts();
        if let Some(waiting) = counts.get_mut(key) {
            *waiting = waiting.saturating_sub(count);
            if *waiting == 0 {
                counts.remove(key);
            }
        }
    }

    /// Whether any wait in this session.
    pub(crate) fn wait_in(&self, key: &SessionKey) -> bool {
        self.counts().contains_key(key)
    }

    /// What waits in this session, oldest first.
    pub(crate) async fn of(state: &State, key: &SessionKey) -> Result<Vec<SystemEvent>, WireError> {
        if !state.cron.events.wait_in(key) {
            return Ok(Vec::new());
        }
        let key = key.clone();
        state.store.read(move |reader| reader.system_events(&key)).await.map_err(|error| fault::store(&error))
    }

    /// Keeps one. On stable storage when this returns.
    pub(crate) async fn tell(
        state: &State,
        key: &SessionKey,
        text: String,
        audit: AuditEvent,
    ) -> Result<(), WireError> {
        let change = CronChange::Tell { session_key: key.clone(), text, at: state.clock.now_ms() };
        let transaction = Transaction { changes: vec![Change::Cron(change)], audit, idempotency: None };
        state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
        state.cron.events.added(key);
        Ok(())
    }
}

/// The change that forgets these, for the transaction of the turn that tells them.
pub(crate) fn forgotten(events: &[SystemEvent]) -> Change {
    Change::Cron(CronChange::Told { ids: events.iter().map(|event| event.id).collect() })
}

/// The lines by which a message tells them.
pub(crate) fn lines(events: &[SystemEvent]) -> String {
    let mut lines = String::new();
    for event in events {
        let at = jiff::Timestamp::from_millisecond(event.ts).map(|at| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
        lines.push_str(&format!("System: [{}] {}\n", at.unwrap_or_default(), event.text));
    }
    lines
}

//! Signs of life every tick, with the newest sessions for connections whose mode is `ui`.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use openclaw_auth::{Identity, Principal};
use openclaw_protocol::{
    close,
    event::{Event, TickSession},
};
use openclaw_store::SessionQuery;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{rows, state::State};

/// Sessions in a tick.
const SESSIONS: usize = 100;

/// The intervals that open connections were told in their hello. Clients give a connection up that is silent for longer, so
/// a longer interval takes effect when the last of them is gone.
#[derive(Debug, Default)]
pub(crate) struct Promised {
    /// Connections by interval, milliseconds.
    connections: Mutex<BTreeMap<u64, usize>>,
    reloaded: Notify,
}

/// One connection's interval, for as long as it is open.
#[derive(Debug)]
pub(crate) struct Promise {
    promised: Arc<Promised>,
    interval_ms: u64,
}

impl Promised {
    fn connections(&self) -> MutexGuard<'_, BTreeMap<u64, usize>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a promise until it is dropped.
    pub(crate) fn keep(self: &Arc<Self>, interval_ms: u64) -> Promise {
        *self.connections().entry(interval_ms).or_default() += 1;
        Promise { promised: Arc::clone(self), interval_ms }
    }

    /// The interval to keep when the configuration says `interval_ms`.
    fn interval(&self, interval_ms: u64) -> Duration {
        let shortest = self.connections().keys().next().copied();
        Duration::from_millis(shortest.map_or(interval_ms, |shortest| shortest.min(interval_ms)))
    }

    /// Says that the configured interval may have changed.
    pub(crate) fn reloaded(&self) {
        self.reloaded.notify_one();
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        let mut connections = self.promised.connections();
        if let Some(count) = connections.get_mut(&self.interval_ms) {
            *count -= 1;
            if *count == 0 {
                connections.remove(&self.interval_ms);
            }
        }
    }
}

/// Ticks until the gateway stops.
pub(crate) async fn tick(state: Arc<State>) {
    let mut last = Instant::now();
    loop {
        let interval = state.promised.interval(state.limits().tick_interval_ms);
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = state.promised.reloaded.notified() => continue,
            () = sleep_until(last + interval) => last = Instant::now(),
        }
        let left_out = state.refusals.take_left_out();
        if left_out > 0 {
            state.audit_detached(openclaw_core::record::AuditEvent {
                event: "auth.failure".to_owned(),
                severity: "warn".to_owned(),
                actor: "gateway".to_owned(),
                ip: None,
                method: None,
                target: None,
                outcome: "denied".to_owned(),
                reason: Some("summary of refusals without a record of their own".to_owned()),
                detail: serde_json::json!({ "count": left_out }),
            });
        }
        end_expired(&state);
        let sessions = if state.hub.has_ui() { newest(&state).await } else { Vec::new() };
        state.hub.publish(Event::Tick { ts: state.clock.now_ms(), sessions: sessions.into() });
        state.health.touch();
    }
}

/// Ends the connections that an access token let in whose time is over: nobody stays longer than they may come.
fn end_expired(state: &State) {
    let over = state.access_tokens.over(state.clock.now_ms());
    if !over.is_empty() {
        let held =
            |principal: &Principal| matches!(principal.identity(), Identity::Named { id, .. } if over.contains(id));
        state.hub.close_where(close::FINAL, "access token expired", held);
    }
}

async fn newest(state: &Arc<State>) -> Vec<TickSession> {
    let query = SessionQuery { limit: SESSIONS, ..SessionQuery::default() };
    let read = state.store.read(move |reader| reader.list_sessions(&query)).await;
    let now = state.clock.now_ms();
    read.map(|page| {
        page.sessions.iter().take(SESSIONS).map(|session| rows::tick_session(state, session, now)).collect()
    })
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_interval_waits_for_those_who_were_told_a_shorter_one() {
        let promised = Arc::<Promised>::default();
        assert_eq!(promised.interval(30_000), Duration::from_secs(30));
        let (one, two) = (promised.keep(30_000), promised.keep(30_000));
        assert_eq!(promised.interval(60_000), Duration::from_secs(30));
        assert_eq!(promised.interval(1_000), Duration::from_secs(1), "a shorter one takes effect at once");
        drop(one);
        assert_eq!(promised.interval(60_000), Duration::from_secs(30));
        drop(two);
        assert_eq!(promised.interval(60_000), Duration::from_secs(60));
    }
}

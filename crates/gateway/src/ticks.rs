//! Signs of life every tick, with the newest sessions for connections whose mode is `ui`.

use std::{sync::Arc, time::Duration};

use openclaw_protocol::event::{Event, TickSession};
use openclaw_store::SessionQuery;

use crate::{rows, state::State};

/// Sessions in a tick.
const SESSIONS: usize = 100;

/// Ticks until the gateway stops.
pub(crate) async fn tick(state: Arc<State>) {
    loop {
        let interval = Duration::from_millis(state.limits().tick_interval_ms);
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(interval) => {}
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
        let sessions = if state.hub.has_ui() { newest(&state).await } else { Vec::new() };
        state.hub.publish(Event::Tick { ts: state.clock.now_ms(), sessions: sessions.into() });
        state.health.touch();
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

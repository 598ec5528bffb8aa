//! State directories that hold many sessions, written through the store itself: what a gateway finds there is what it
//! would have written.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use openclaw_core::{
    Clock, Ids,
    record::{AuditEvent, Session, SessionSettings, Totals},
};
use openclaw_protocol::{AgentId, SessionKey};
use openclaw_store::{Change, Opened, Settings, StateDir, Store, Transaction};
use serde_json::Value;
use tokio::{task::JoinSet, time::Instant};

/// Transactions on their way to the writer at the same time: enough that each commit takes many.
const IN_FLIGHT: usize = 1_024;

/// Makes `count` sessions in the state directory at `path`, and tells how long that took.
pub(crate) async fn sessions(path: &Path, count: usize) -> Result<Duration> {
    let start = Instant::now();
    let dir = StateDir::claim(path).context("the state directory cannot be claimed")?;
    let Opened { store, .. } = Store::open(&dir, Clock::system(), Settings::default())?;
    let (clock, ids) = (Clock::system(), Ids::seeded(1));
    let mut writes = JoinSet::new();
    for number in 0..count {
        if writes.len() >= IN_FLIGHT
            && let Some(written) = writes.join_next().await
        {
            written??;
        }
        // A transaction each, as the gateway makes them: sessions of one transaction share their place in the list.
        writes.spawn_local(write(store.clone(), session(&ids, number, clock.now_ms())?));
    }
    while let Some(written) = writes.join_next().await {
        written??;
    }
    store.close().await?;
    Ok(start.elapsed())
}

async fn write(store: Store, change: Change) -> Result<()> {
    let audit = AuditEvent {
        event: "session.created".to_owned(),
        severity: "info".to_owned(),
        actor: "load".to_owned(),
        ip: None,
        method: None,
        target: None,
        outcome: "ok".to_owned(),
        reason: None,
        detail: Value::Null,
    };
    store.write(Transaction { changes: vec![change], audit, idempotency: None }).await?;
    Ok(())
}

fn session(ids: &Ids, number: usize, now_ms: i64) -> Result<Change> {
    let session = Session {
        key: SessionKey::new(format!("agent:main:load-list-{number:07}"))?,
        session_id: ids.uuid(),
        agent_id: AgentId::new("main")?,
        label: Some(format!("Conversation number {number:07}")),
        created_at: now_ms,
        updated_at: now_ms,
        revision: 0,
        message_count: 0,
        settings: SessionSettings::default(),
        totals: Totals { input: 1_200, output: 300, total_tokens: 1_500, context_tokens: 1_500, ..Totals::default() },
        aborted_last_run: false,
    };
    Ok(Change::CreateSession { session })
}

#[cfg(test)]
mod tests {
    use super::*;
    use openclaw_store::SessionQuery;

    /// More than are on their way at once.
    const COUNT: usize = IN_FLIGHT + 3;

    #[tokio::test]
    async fn a_seeded_store_opens_and_lists_its_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        tokio::task::LocalSet::new().run_until(sessions(&path, COUNT)).await.unwrap();
        let dir = StateDir::claim(&path).unwrap();
        let Opened { store, .. } = Store::open(&dir, Clock::system(), Settings::default()).unwrap();
        let (count, page) = store
            .read(|reader| {
                let newest = SessionQuery { limit: 20, ..SessionQuery::default() };
                Ok((reader.count_sessions(None, None)?, reader.list_sessions(&newest)?))
            })
            .await
            .unwrap();
        assert_eq!((count, page.sessions.len()), (COUNT as u64, 20));
        store.close().await.unwrap();
    }
}

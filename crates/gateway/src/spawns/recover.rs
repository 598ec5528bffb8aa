//! What an earlier start of the gateway left behind.

use openclaw_core::{Clock, record::SpawnState};
use openclaw_sandbox::{Reaped, Trace, reap};
use openclaw_store::{Change, Error, MAX_CHANGES, Reader, SpawnChange, Store, Transaction};
use serde_json::json;
use tracing::warn;

use crate::audit::gateway_audit;

/// Ends what still runs of programs that have no end in the store, and gives them one.
pub(crate) async fn recover(store: &Store, clock: &Clock) -> Result<(), Error> {
    let left = store.read(Reader::unfinished_spawns).await?;
    if left.is_empty() {
        return Ok(());
    }
    let traces: Vec<Trace> = left
        .iter()
        .map(|spawned| Trace {
            mark: spawned.spawn_id,
            pid: spawned.pid.unwrap_or_default(),
            started: spawned.ticks.unwrap_or_default(),
            machine: spawned.machine.clone(),
        })
        .collect();
    let reaped = tokio::task::spawn_blocking(move || reap(&traces)).await.unwrap_or_default();
    let ended: usize = reaped.iter().map(|reaped| reaped.processes).sum();
    warn!(programs = left.len() as u64, processes = ended as u64, "Programs were running when the gateway last ended");
    let changes: Vec<Change> = reaped
        .into_iter()
        .map(|Reaped { mark, processes }| {
            let error = match processes {
                0 => "the gateway ended before it; nothing of it was left".to_owned(),
                some => format!("the gateway ended before it; {some} of its processes were ended at the next start"),
            };
            let at = clock.now_ms();
            Change::Spawn(SpawnChange::End {
                spawn_id: mark,
                state: SpawnState::Lost,
                at,
                end: None,
                error: Some(error),
            })
        })
        .collect();
    for changes in changes.chunks(MAX_CHANGES) {
        let audit = gateway_audit("spawn.reaped", json!({ "programs": changes.len(), "processes": ended }));
        store.write(Transaction { changes: changes.to_vec(), audit, idempotency: None }).await?;
    }
    Ok(())
}

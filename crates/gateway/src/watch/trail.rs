//! Follows the audit trail: chosen records go into the log of security events, and what somebody should know becomes an alert.

use std::{sync::Arc, time::Duration};

use openclaw_core::record::{AuditEvent, AuditRecord};
use tracing::warn;

use super::{SecurityLog, alerts::Alert};
use crate::state::State;

/// Time in which records gather.
const GATHER: Duration = Duration::from_millis(200);
/// Time until the trail is read again after it could not be.
const AGAIN: Duration = Duration::from_secs(5);
/// Records that are read at once.
const PAGE: usize = 500;

/// Follows until the gateway stops. Alerts are made of what is later than `from`.
pub(super) async fn run(state: Arc<State>, from: i64) {
    let mut newest = state.store.newest_record();
    let log = state.watch.security_log.clone();
    // What a crash kept from the log is written now. A number from the future is another trail's.
    let mut seen = log.as_ref().and_then(|log| log.last()).filter(|last| *last <= from).unwrap_or(from);
    loop {
        newest.mark_unchanged();
        let head = *newest.borrow();
        let mut pause = GATHER;
        if log.is_none() && state.active().loaded.config.alerting().is_none() {
            // Nobody wants to know, so nothing is read.
            seen = head;
        } else if let Err(error) = follow(&state, log.as_ref(), &mut seen, from).await {
            warn!(%error, "The audit trail cannot be read; the log of security events and alerts are behind");
            pause = AGAIN;
        }
        if pause == GATHER {
            tokio::select! {
                () = state.tasks.stopping() => return,
                changed = newest.changed() => if changed.is_err() { return },
            }
        }
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

async fn follow(
    state: &Arc<State>,
    log: Option<&Arc<SecurityLog>>,
    seen: &mut i64,
    from: i64,
) -> Result<(), openclaw_store::Error> {
    loop {
        let after = *seen;
        let records = state.store.read(move |reader| reader.audit_after(after, PAGE)).await?;
        let Some(last) = records.last().map(|record| record.seq) else { return Ok(()) };
        let full = records.len() == PAGE;
        for record in records.iter().filter(|record| record.seq > from) {
            if let Some(alert) = worth_telling(state, log, record) {
                state.watch.alerts.raise(state, alert);
            }
        }
        if let Some(log) = log {
            let chosen: Vec<_> = records.into_iter().filter(|record| log.takes(&record.event)).collect();
            if !chosen.is_empty() {
                let log = Arc::clone(log);
                // A panic in there is told by the runtime; the trail has the records.
                let _ = tokio::task::spawn_blocking(move || log.write(chosen)).await;
            }
        }
        *seen = last;
        if !full {
            return Ok(());
        }
    }
}

/// The alert that a record is worth.
fn worth_telling(state: &State, log: Option<&Arc<SecurityLog>>, record: &AuditRecord) -> Option<Alert> {
    let event = &record.event;
    // What became of alerts is no reason for another.
    if event.event.starts_with("alert.") {
        return None;
    }
    let began = event.event == "suspicious_activity" && event.detail["state"] == "began";
    let on_failures =
        || state.active().loaded.config.logging.security.as_ref().is_some_and(|log| log.alert_on_failures);
    let failed = || is_failure(event) && on_failures() && log.is_some_and(|log| log.takes(event));
    // A lockdown, or a trail that somebody changed: whoever is told of anything is told of these.
    let critical = event.severity == "critical";
    (began || critical || event.event == "keys.due" || failed()).then(|| Alert::of(state, record))
}

/// Whether something was refused or went wrong.
fn is_failure(event: &AuditEvent) -> bool {
    matches!(event.outcome.as_str(), "denied" | "error")
}

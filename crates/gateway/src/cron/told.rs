//! What is told of scheduled work.

use std::sync::Arc;

use openclaw_core::cron::{Job, Occurrence};
use openclaw_protocol::event::{CronEvent, Event};

use super::rows;
use crate::state::State;

/// Tells what became of a job. After the commit.
pub(crate) fn publish(
    state: &State,
    action: &'static str,
    job_id: uuid::Uuid,
    job: Option<&Job>,
    of: Option<&Occurrence>,
) {
    let row = job.and_then(|job| serde_json::to_value(rows::job_row(state, job)).ok());
    let mut event = CronEvent {
        job_id: job_id.to_string(),
        action,
        job: row.map(Arc::new),
        next_run_at_ms: job.and_then(|job| job.state.due_at()),
        ..CronEvent::default()
    };
    if let Some(occurrence) = of {
        event.run_id = Some(occurrence.run_id.clone());
        event.run_at_ms = Some(occurrence.started_at.unwrap_or(occurrence.claimed_at));
        if let Some(ended) = occurrence.ended_at {
            let began = occurrence.started_at.unwrap_or(occurrence.claimed_at);
            event.status = occurrence.state.status();
            event.summary.clone_from(&occurrence.ended.summary);
            event.error.clone_from(&occurrence.ended.error);
            event.duration_ms = Some((ended - began).max(0));
        }
        event.session_key = occurrence.ended.session_key.as_ref().map(ToString::to_string);
    }
    state.hub.publish(Event::Cron(event));
}

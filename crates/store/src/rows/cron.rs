//! Rows of scheduled work.

use openclaw_core::cron::{DeliveryStatus, Job, Occurrence, SystemEvent};
use openclaw_protocol::SessionKey;
use rusqlite::Row;

use super::{column, json};
use crate::error::Error;

/// Columns of a [`Job`], in the order of [`job`].
macro_rules! job_columns {
    () => {
        "opened('cron_jobs.doc', job_id, doc), opened('cron_jobs.state', job_id, state), revision"
    };
}
/// Columns of an [`Occurrence`], in the order of [`occurrence`].
macro_rules! occurrence_columns {
    () => {
        "opened('cron_occurrences.doc', run_id, doc)"
    };
}
pub(crate) use {job_columns, occurrence_columns};

pub(crate) fn job(row: &Row<'_>) -> Result<Job, Error> {
    const WHAT: &str = "scheduled job";
    let job: Job = json(row, 0, WHAT)?;
    Ok(Job { state: json(row, 1, WHAT)?, revision: column(row, 2, WHAT)?, ..job })
}

pub(crate) fn occurrence(row: &Row<'_>) -> Result<Occurrence, Error> {
    json(row, 0, "occurrence")
}

pub(crate) fn system_event(row: &Row<'_>) -> Result<SystemEvent, Error> {
    const WHAT: &str = "system event";
    let key: String = column(row, 1, WHAT)?;
    Ok(SystemEvent {
        id: column(row, 0, WHAT)?,
        session_key: SessionKey::new(key).map_err(|why| Error::damaged(WHAT, why))?,
        ts: column(row, 2, WHAT)?,
        text: column(row, 3, WHAT)?,
    })
}

/// The word of a delivery in its column.
pub(crate) const fn delivery_word(delivery: DeliveryStatus) -> &'static str {
    match delivery {
        DeliveryStatus::Delivered => "delivered",
        DeliveryStatus::NotDelivered => "not-delivered",
        DeliveryStatus::Unknown => "unknown",
        DeliveryStatus::NotRequested => "not-requested",
    }
}

//! Work at a time of the user's choosing.
//!
//! Methods change jobs in the store and say so ([`Cron::changed`]); one task ([`owner`]) knows when each job is due and sleeps until
//! the first of them is. What is due is claimed in the store ([`keeper`]), one row for each job and time, and then done
//! ([`act`]). What the owner knows is a copy: a claim that was decided about another job than the store has changes nothing.

mod act;
mod events;
mod keeper;
mod owner;
mod rows;
mod told;

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use openclaw_core::cron::Zones;
use tokio::sync::Notify;
use uuid::Uuid;

pub(crate) use events::{SystemEvents, TEXT_BYTES, forgotten, lines};
pub(crate) use owner::run;
pub(crate) use rows::{
    CompactRow, JobRow, Preview, RunRow, checked_plan, compact, effective_agent, entry, job_row, preview, revision,
    runs_states,
};
pub(crate) use told::publish;

/// What the gateway's parts share about scheduled work.
#[derive(Debug)]
pub(crate) struct Cron {
    /// Time zones.
    pub(crate) zones: Zones,
    /// What agents are to be told.
    pub(crate) events: SystemEvents,
    /// Whether the environment forbids jobs to run by themselves.
    skipped: bool,
    /// Jobs that the owner has to look at again.
    changed: Mutex<BTreeSet<Uuid>>,
    /// Wakes the owner.
    bell: Notify,
    /// Makes names of manual runs differ.
    asked: AtomicU64,
}

impl Cron {
    /// `local` names the zone of expressions without one.
    pub(crate) fn new(local: Option<&str>, skipped: bool) -> Self {
        Self {
            zones: Zones::new(local),
            events: SystemEvents::default(),
            skipped,
            changed: Mutex::default(),
            bell: Notify::new(),
            asked: AtomicU64::new(0),
        }
    }

    fn changed_jobs(&self) -> MutexGuard<'_, BTreeSet<Uuid>> {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says that the store has another state of a job now. Bounded by the number of jobs.
    pub(crate) fn changed(&self, job_id: Uuid) {
        self.changed_jobs().insert(job_id);
        self.bell.notify_one();
    }

    /// Says that the configuration may be another one.
    pub(crate) fn reloaded(&self) {
        self.bell.notify_one();
    }

    fn take_changed(&self) -> BTreeSet<Uuid> {
        std::mem::take(&mut self.changed_jobs())
    }

    /// Whether jobs run by themselves.
    pub(crate) fn enabled(&self, config: &openclaw_config::Config) -> bool {
        config.cron.enabled && !self.skipped
    }

    /// A number that no other manual run of this start has.
    pub(crate) fn ask(&self) -> u64 {
        self.asked.fetch_add(1, Relaxed) + 1
    }
}

/// The number by which a job finds its place among those of one time.
pub(crate) fn place(job_id: Uuid) -> u64 {
    job_id.as_u64_pair().0 ^ job_id.as_u64_pair().1
}

#[cfg(test)]
mod tests;

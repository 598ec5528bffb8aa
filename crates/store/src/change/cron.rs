//! Changes of scheduled jobs, their occurrences and system events.

use openclaw_core::cron::{Ended, Job, JobState, Occurrence, OccurrenceState, Passed, Source};
use openclaw_protocol::{AgentId, SessionKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most jobs.
pub const MAX_CRON_JOBS: usize = 10_000;
/// Most bytes of a job, as JSON.
pub const MAX_CRON_JOB_BYTES: usize = 256 << 10;
/// Most occurrences of one job that are remembered.
pub const MAX_OCCURRENCES_PER_JOB: usize = 2_000;
/// How long an ended occurrence is remembered, milliseconds: a week.
pub const OCCURRENCE_LIFE_MS: i64 = 7 * 86_400_000;
/// Most system events that wait in one session.
pub const MAX_SYSTEM_EVENTS: usize = 100;
/// Most system events that wait in all sessions.
pub const MAX_SYSTEM_EVENTS_TOTAL: usize = 10_000;
/// Most bytes of a system event.
pub const MAX_SYSTEM_EVENT_BYTES: usize = 64 << 10;
/// Transcripts of a job's earlier runs that are kept.
pub const KEPT_TRANSCRIPTS: usize = 10;

/// A change of scheduled work.
#[derive(Clone, Debug)]
pub enum CronChange {
    /// Keeps a job, replacing what it was. Its `state.next_at` and `state.activated_at` are taken over, the rest of its state stays.
    /// [`Error::Conflict`](crate::Error::Conflict) when its revision is not what `over` says. → [`CronOutcome::Job`]
    Put {
        /// The job.
        job: Box<Job>,
        /// Revision of what it replaces; `None` for a new one.
        over: Option<i64>,
    },
    /// Removes a job; its history stays. → [`CronOutcome::Removed`]
    Remove {
        /// Which one.
        job_id: Uuid,
    },
    /// Decides about occurrences whose time has come. → [`CronOutcome::Claimed`], or [`CronOutcome::Stale`] with nothing changed.
    Claim(Claim),
    /// The work of a claimed occurrence begins. → [`CronOutcome::Begun`]
    Begin {
        /// Which one.
        run_id: String,
        /// When.
        at: i64,
    },
    /// An occurrence ends. [`Error::Conflict`](crate::Error::Conflict) when it has ended before. → [`CronOutcome::Ended`]
    End(Box<End>),
    /// Plans a job anew, because the clock was put back. → [`CronOutcome::Job`], or [`CronOutcome::Stale`]
    Replan {
        /// Which job.
        job_id: Uuid,
        /// Its revision when that was decided.
        revision: i64,
        /// When it is due now.
        next_at: Option<i64>,
    },
    /// Keeps something an agent is to be told. [`Error::Limit`](crate::Error::Limit) when too much waits.
    /// → [`CronOutcome::Done`]
    Tell {
        /// Where.
        session_key: SessionKey,
        /// What.
        text: String,
        /// When.
        at: i64,
    },
    /// Forgets system events, because a turn tells them. → [`CronOutcome::Done`]
    Told {
        /// Their numbers.
        ids: Vec<i64>,
    },
    /// Begins a new transcript in a session, if there is one, and keeps only the newest [`KEPT_TRANSCRIPTS`] old ones.
    /// → [`CronOutcome::Done`]
    Afresh {
        /// Which session.
        key: SessionKey,
        /// Identifier of the new transcript.
        session_id: Uuid,
    },
}

/// Occurrences of a job whose time has come.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which job.
    pub job_id: Uuid,
    /// Its revision when that was decided; with another one the claim is stale.
    pub revision: i64,
    /// When the job was due; with another time the claim is stale. Not looked at for manual ones.
    pub due_at: Option<i64>,
    /// What makes them.
    pub source: Source,
    /// Times and names of those that will run, oldest first.
    pub run: Vec<(i64, String)>,
    /// Those that nobody will run, with the name of their row, why, and whether the gateway was there.
    pub passed: Option<(Passed, String, OccurrenceState, String)>,
    /// When the job is due next; `None` leaves that as it is.
    pub next_at: Option<Option<i64>>,
    /// When.
    pub at: i64,
}

/// The end of an occurrence.
#[derive(Clone, Debug)]
pub struct End {
    /// Which one.
    pub run_id: String,
    /// How: a state that [ends](OccurrenceState::ended) one.
    pub state: OccurrenceState,
    /// When.
    pub at: i64,
    /// What came of it.
    pub ended: Ended,
    /// What becomes of the job.
    pub job: AfterEnd,
}

/// What becomes of a job when an occurrence of it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterEnd {
    /// It goes on.
    Stays,
    /// It runs no more by itself.
    Disabled,
    /// It goes.
    Removed,
}

/// What came of a [`CronChange`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CronOutcome {
    /// Nothing to tell.
    Done,
    /// The job after the change.
    Job(Box<StoredJob>),
    /// Whether there was something to remove.
    Removed(bool),
    /// The occurrences that are new, the row of those that were passed over if it is new, and the job after the change.
    Claimed {
        /// Those that will run; one that was known before is not among them.
        run: Vec<Occurrence>,
        /// Those that nobody will run.
        passed: Option<Box<Occurrence>>,
        /// The job.
        job: Box<StoredJob>,
    },
    /// The job is another one now, or gone.
    Stale,
    /// The occurrence after the change, and the job when it is there.
    Begun(Box<Occurrence>, Option<Box<StoredJob>>),
    /// The occurrence after the change, and the job when it is still there.
    Ended(Box<Occurrence>, Option<Box<StoredJob>>),
}

/// A job with the parts that its own JSON leaves out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredJob {
    job: Job,
    state: JobState,
    revision: i64,
}

impl StoredJob {
    pub(crate) fn of(job: &Job) -> Box<Self> {
        Box::new(Self { job: job.clone(), state: job.state.clone(), revision: job.revision })
    }

    /// The job, whole.
    #[must_use]
    pub fn whole(self) -> Job {
        Job { state: self.state, revision: self.revision, ..self.job }
    }
}

/// Which jobs, and in which order. Conditions add up.
#[derive(Clone, Debug, Default)]
pub struct JobQuery {
    /// Enabled or not.
    pub enabled: Option<bool>,
    /// Of this agent; `default` also finds jobs that name none.
    pub agent: Option<(AgentId, bool)>,
    /// Kind of the schedule.
    pub kind: Option<&'static str>,
    /// How the last run went; `Some(None)` for those that never ran.
    pub last_status: Option<Option<&'static str>>,
    /// With this text in name or description, whatever its case.
    pub search: Option<String>,
    /// In which order.
    pub sort: JobSort,
    /// Last ones first.
    pub descending: bool,
    /// How many to pass over.
    pub offset: usize,
    /// Most jobs on the page, up to [`MAX_PAGE`](crate::MAX_PAGE).
    pub limit: usize,
}

/// The order of jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobSort {
    /// When they are due; those that are not, last.
    #[default]
    Next,
    /// When somebody changed them.
    Updated,
    /// By name.
    Name,
}

/// Which ended occurrences, newest first unless `ascending`. Conditions add up.
#[derive(Clone, Debug, Default)]
pub struct OccurrenceQuery {
    /// Of this job.
    pub job_id: Option<Uuid>,
    /// With this name.
    pub run_id: Option<String>,
    /// Of this agent; the flag also finds those that name none.
    pub agent: Option<(AgentId, bool)>,
    /// In one of these states; empty for any.
    pub states: Vec<OccurrenceState>,
    /// With one of these words for the delivery; empty for any.
    pub deliveries: Vec<&'static str>,
    /// With this text in summary, error or the job's name, whatever its case.
    pub search: Option<String>,
    /// Oldest first.
    pub ascending: bool,
    /// How many to pass over.
    pub offset: usize,
    /// Most on the page, up to [`MAX_PAGE`](crate::MAX_PAGE).
    pub limit: usize,
}

/// A page, and how many there are on all pages.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// How many fit the conditions.
    pub total: u64,
}

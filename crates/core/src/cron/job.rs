//! Jobs, and the occurrences that came of them, as they are remembered. Times are milliseconds since the epoch.

use openclaw_protocol::{AgentId, SessionKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Passed, Schedule};

/// Work at a time of the user's choosing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// Names it.
    pub id: Uuid,
    /// Name given by people; need not be unique.
    pub name: String,
    /// What lists show instead of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// For people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whose work it is; the default agent's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// Conversation it was made for, and to which events and announcements go instead of the main one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_key: Option<SessionKey>,
    /// Whether it runs by itself.
    pub enabled: bool,
    /// Whether it goes once it has run well.
    pub delete_after_run: bool,
    /// When it was made.
    pub created_at: i64,
    /// When it was last changed by somebody.
    pub updated_at: i64,
    /// When it is due.
    pub schedule: Schedule,
    /// Where it runs.
    pub target: Target,
    /// Whether an event wakes the agent at once.
    pub wake: Wake,
    /// What it does.
    pub payload: Payload,
    /// Where the result goes; nowhere when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// What has come of it so far. Kept apart, so that a change of the job and a run of it do not meet.
    #[serde(skip)]
    pub state: JobState,
    /// Number of the last audit record that changed what the job is, given by the store.
    #[serde(skip)]
    pub revision: i64,
}

/// Where a job runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Target {
    /// In the agent's main session, as an event.
    Main,
    /// In a session of its own, which begins anew each time.
    Isolated,
    /// In this session.
    Session(SessionKey),
}

/// Whether an event wakes the agent at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Wake {
    /// At once.
    Now,
    /// It waits for the next heartbeat, or the next message in that session.
    NextHeartbeat,
}

/// What a job does. The texts are the operator's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Payload {
    /// Tells the agent something in its main session.
    SystemEvent {
        /// What.
        text: String,
    },
    /// Asks the agent something.
    AgentTurn {
        /// What.
        message: String,
        /// `provider/model`; the agent's own when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        model: Option<String>,
        /// Models that stand in for it; the agent's when absent, none when empty.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallbacks: Option<Vec<String>>,
        /// Thinking level.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thinking: Option<String>,
        /// Longest run; 0 is no bound of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        timeout_seconds: Option<u64>,
        /// Tools it may use at most.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tools_allow: Option<Vec<String>>,
        /// Whether it runs without the workspace's files.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        light_context: Option<bool>,
    },
}

/// Where the result of an asked agent goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// How.
    pub mode: DeliveryMode,
    /// `last`, or absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Whether the job counts as well done when the result could not be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_effort: Option<bool>,
}

/// How a result is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryMode {
    /// Not at all; the history has it.
    None,
    /// As a message in the agent's main session.
    Announce,
}

/// What has come of a job so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct JobState {
    /// When it is due next; absent when it is not to run by itself any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<i64>,
    /// When its present schedule began to count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<i64>,
    /// Since when it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_at: Option<i64>,
    /// When it last ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run_at: Option<i64>,
    /// When that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_end_at: Option<i64>,
    /// How that went.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_state: Option<OccurrenceState>,
    /// What went wrong then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_duration_ms: Option<u64>,
    /// Whether the result was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_delivery: Option<DeliveryStatus>,
    /// Runs in a row that went wrong.
    pub consecutive_errors: u64,
    /// Occurrences in a row that did not run.
    pub consecutive_skipped: u64,
}

impl JobState {
    /// How long a job that goes wrong again and again is held back, milliseconds: by the number of errors in a row.
    const HELD_BACK: [i64; 5] = [30_000, 60_000, 300_000, 900_000, 3_600_000];

    /// Until when a job that went wrong is held back.
    #[must_use]
    pub fn held_until(&self) -> Option<i64> {
        let errors = usize::try_from(self.consecutive_errors).unwrap_or(usize::MAX);
        let wait = Self::HELD_BACK[errors.checked_sub(1)?.min(Self::HELD_BACK.len() - 1)];
        self.last_end_at.map(|end| end + wait)
    }

    /// When it will run next by itself.
    #[must_use]
    pub fn due_at(&self) -> Option<i64> {
        self.next_at.map(|next| next.max(self.held_until().unwrap_or(next)))
    }
}

/// How far an occurrence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OccurrenceState {
    /// Its time came, and nothing else will run it; nothing was done yet.
    Claimed,
    /// Its work began.
    Started,
    /// It went well.
    Ok,
    /// It went wrong.
    Error,
    /// It was not run, because there was a reason not to.
    Skipped,
    /// It was not run, because the gateway was not there.
    Missed,
    /// The gateway ended in the middle of it.
    Interrupted,
}

impl OccurrenceState {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Claimed, Self::Started, Self::Ok, Self::Error, Self::Skipped, Self::Missed, Self::Interrupted];

    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Started => "started",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
            Self::Interrupted => "interrupted",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn ended(self) -> bool {
        !matches!(self, Self::Claimed | Self::Started)
    }

    /// The word by which clients know it: they have three.
    #[must_use]
    pub const fn status(self) -> Option<&'static str> {
        match self {
            Self::Claimed | Self::Started => None,
            Self::Ok => Some("ok"),
            Self::Error | Self::Interrupted => Some("error"),
            Self::Skipped | Self::Missed => Some("skipped"),
        }
    }
}

/// What made an occurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The schedule.
    Schedule,
    /// Somebody asked for it.
    Manual,
}

impl Source {
    /// The word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Manual => "manual",
        }
    }
}

/// One time at which a job was due. Unique by job, source and time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Occurrence {
    /// Names it, and the run that it began.
    pub run_id: String,
    /// Which job.
    pub job_id: Uuid,
    /// The job's name then.
    pub job_name: String,
    /// Whose work it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<AgentId>,
    /// When it was due.
    pub scheduled: i64,
    /// What made it.
    pub source: Source,
    /// How far it has come.
    pub state: OccurrenceState,
    /// When it was claimed.
    pub claimed_at: i64,
    /// When its work began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<i64>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<i64>,
    /// What came of it.
    #[serde(default)]
    pub ended: Ended,
    /// The occurrences that this row stands for, when none of them ran.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
}

/// What came of an occurrence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Ended {
    /// The beginning of what was said, at most 2000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// What went wrong, or why it did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Whether the result was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryStatus>,
    /// Why it was not told although it went well: `silent` or `empty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<String>,
    /// Where it ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_key: Option<SessionKey>,
    /// The transcript.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<Uuid>,
    /// Who answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// With which model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Tokens read and written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<(u64, u64)>,
    /// When the job was due next after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_at: Option<i64>,
}

/// Whether a result was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeliveryStatus {
    /// It was.
    Delivered,
    /// It was not.
    NotDelivered,
    /// Nobody knows.
    Unknown,
    /// It was not to be.
    NotRequested,
}

/// Something an agent is to be told in a session with its next turn there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemEvent {
    /// Its number, given by the store.
    pub id: i64,
    /// Where.
    pub session_key: SessionKey,
    /// What.
    pub text: String,
    /// Since when it waits.
    pub ts: i64,
}

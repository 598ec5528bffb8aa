//! Programs that clients had started.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How far a program has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SpawnState {
    /// About to be started.
    Starting,
    /// At work.
    Running,
    /// Ended by itself.
    Completed,
    /// Not started.
    Failed,
    /// Ended by a signal, or because it was asked to.
    Killed,
    /// The gateway ended before it; what was left of it was ended at the next start.
    Lost,
}

impl SpawnState {
    /// Whether nothing more will happen.
    #[must_use]
    pub const fn ended(self) -> bool {
        !matches!(self, Self::Starting | Self::Running)
    }

    /// The word on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Killed => "killed",
            Self::Lost => "lost",
        }
    }
}

/// How a program ended: its exit code, the signal, or both when it ended by itself after it was asked to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpawnEnd {
    /// Exit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// For example `SIGTERM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

/// A program. Neither its arguments nor its variables are kept: they may be secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spawned {
    /// Names it for good, and marks its processes.
    pub spawn_id: Uuid,
    /// Id of the request that started it, which `spawn_result` shows. Not unique.
    pub request_id: String,
    /// Who started it, as the audit names them.
    pub principal: String,
    /// `AGENT_NAME`, else the command.
    pub source: String,
    /// As it was sent.
    pub command: String,
    /// How many arguments it got.
    pub args: usize,
    /// Where it started.
    pub cwd: String,
    /// How far it has come.
    pub state: SpawnState,
    /// Its process.
    pub pid: Option<u32>,
    /// When that process started, in clock ticks of the machine.
    pub ticks: Option<u64>,
    /// Names the start of the machine within which `ticks` means something.
    pub machine: Option<String>,
    /// When it was asked for.
    pub created_at: i64,
    /// When it ran.
    pub started_at: Option<i64>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// How it ended.
    pub end: Option<SpawnEnd>,
    /// What went wrong, for people.
    pub error: Option<String>,
}

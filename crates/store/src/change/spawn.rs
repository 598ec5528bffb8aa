//! Changes of the programs that clients had started.

use openclaw_core::record::{SpawnEnd, SpawnState, Spawned};
use uuid::Uuid;

/// Programs that are remembered after their end; older ones are forgotten.
pub const MAX_ENDED_SPAWNS: usize = 1_000;

/// One change of one program. Each gives [`Outcome::Spawned`](crate::Outcome::Spawned).
#[derive(Clone, Debug)]
pub enum SpawnChange {
    /// A program is about to be started.
    Begin {
        /// What is known of it.
        spawned: Box<Spawned>,
    },
    /// It runs. [`Error::Conflict`](crate::Error::Conflict) unless it was about to be started.
    Start {
        /// Which.
        spawn_id: Uuid,
        /// Its process.
        pid: u32,
        /// When that process started, in clock ticks of the machine.
        ticks: u64,
        /// Names the start of the machine.
        machine: Option<String>,
        /// When.
        at: i64,
    },
    /// It is over. [`Error::Conflict`](crate::Error::Conflict) when it was before.
    End {
        /// Which.
        spawn_id: Uuid,
        /// How: one of the states that [end](SpawnState::ended) a program.
        state: SpawnState,
        /// When.
        at: i64,
        /// Exit code or signal.
        end: Option<SpawnEnd>,
        /// What went wrong.
        error: Option<String>,
    },
}

//! What a program may use.

use std::time::Duration;

/// Bounds of one program and of everything that it starts. `None` and 0 mean no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of output a second, standard output and error together. A program that writes faster waits.
    pub output_per_second: u64,
    /// Bytes of output that are handed on; what comes later is read and thrown away.
    pub output_bytes: Option<u64>,
    /// How long it may run.
    pub wall: Option<Duration>,
    /// Bytes of memory. Linux only: each process may have at most so much data, and all of them together so much in
    /// residence (pages that they share count for each).
    pub memory: Option<u64>,
    /// Processes at the same time. Linux only.
    pub processes: Option<u32>,
    /// Time between asking it to end and ending it.
    pub grace: Duration,
}

impl Default for Limits {
    /// 1 MiB of output a second, 4 GiB of memory, 512 processes, 5 s of grace.
    fn default() -> Self {
        Self {
            output_per_second: 1 << 20,
            output_bytes: None,
            wall: None,
            memory: Some(4 << 30),
            processes: Some(512),
            grace: Duration::from_secs(5),
        }
    }
}

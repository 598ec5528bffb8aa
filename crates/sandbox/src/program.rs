//! A program that runs, as whoever started it sees it.

use std::fmt;

use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::output::{Output, Stream};

/// The variable that marks a program and whatever it starts.
pub const MARK: &str = "OPENCLAW_SPAWN_ID";

/// Tells a program and what it started from everything else on the machine, for as long as any of it lives.
pub type Mark = Uuid;

/// What it takes to find a program again after a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// The mark in its environment.
    pub mark: Mark,
    /// Its process, which leads its group; 0 when that is not known.
    pub pid: u32,
    /// When that process started, in clock ticks of the machine. A number that was given to another has another.
    pub started: u64,
    /// Names the start of the machine within which `started` means something.
    pub machine: Option<String>,
}

/// Why a program was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Somebody asked for it.
    Asked,
    /// It ran for as long as it may.
    Time,
    /// It used more memory than it may.
    Memory,
    /// It started more processes than it may.
    Processes,
    /// Whoever runs it stops.
    Shutdown,
}

impl StopReason {
    /// For people.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "it was asked to end",
            Self::Time => "it ran for longer than it may",
            Self::Memory => "it used more memory than it may",
            Self::Processes => "it started more processes than it may",
            Self::Shutdown => "the gateway stops",
        }
    }
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By itself, with this code.
    Exited(i32),
    /// By this signal.
    Signalled(i32),
}

impl Outcome {
    /// The name of a signal, `SIGTERM`; its number where it has no common name.
    #[must_use]
    pub fn signal_name(signal: i32) -> String {
        let name = match signal {
            1 => "SIGHUP",
            2 => "SIGINT",
            3 => "SIGQUIT",
            4 => "SIGILL",
            6 => "SIGABRT",
            8 => "SIGFPE",
            9 => "SIGKILL",
            11 => "SIGSEGV",
            13 => "SIGPIPE",
            14 => "SIGALRM",
            15 => "SIGTERM",
            other => return format!("SIG{other}"),
        };
        name.to_owned()
    }
}

/// A program that is over, and everything that it started with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub outcome: Outcome,
    /// Why it was ended, when it did not end by itself.
    pub stopped: Option<StopReason>,
    /// Bytes that it wrote.
    pub output_bytes: u64,
    /// How many of them nobody was handed.
    pub discarded_bytes: u64,
    /// Processes that it left behind and that were ended.
    pub left_behind: u32,
}

/// Ends a program. Clones end the same one.
#[derive(Clone, Debug)]
pub struct Control(watch::Sender<Stop>);

/// What was asked of a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The first reason that was given.
    pub(crate) reason: Option<StopReason>,
    /// Without grace.
    pub(crate) now: bool,
}

impl Control {
    pub(crate) fn new() -> (Self, watch::Receiver<Stop>) {
        let (to, from) = watch::channel(Stop::default());
        (Self(to), from)
    }

    /// Asks it to end, and ends it when its time of grace is over.
    pub fn stop(&self, reason: StopReason) {
        self.0.send_if_modified(|stop| {
            let first = stop.reason.is_none();
            stop.reason = stop.reason.or(Some(reason));
            first
        });
    }

    /// Ends it at once.
    pub fn kill(&self, reason: StopReason) {
        self.0.send_if_modified(|stop| {
            let first = !stop.now;
            *stop = Stop { reason: stop.reason.or(Some(reason)), now: true };
            first
        });
    }
}

/// A program that runs. Dropping this leaves it running, its output thrown away.
#[derive(Debug)]
pub struct Program {
    /// What it takes to find it again.
    pub trace: Trace,
    /// What it writes. Nothing more comes once it is over.
    pub output: mpsc::Receiver<Output>,
    /// Ends it.
    pub control: Control,
    /// Tells how it ended.
    pub ended: oneshot::Receiver<Ended>,
}

/// A program that is over, with what it wrote.
#[derive(Clone, PartialEq, Eq)]
pub struct Collected {
    /// How it ended. `None` when whoever ran it is gone.
    pub ended: Option<Ended>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Whether it wrote more than was kept.
    pub truncated: bool,
}

impl fmt::Debug for Collected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collected")
            .field("ended", &self.ended)
            .field("stdout", &self.stdout.len())
            .field("stderr", &self.stderr.len())
            .field("truncated", &self.truncated)
            .finish()
    }
}

impl Program {
    /// Waits for its end and keeps at most `most` bytes of each stream, the first ones.
    pub async fn collect(mut self, most: usize) -> Collected {
        let (mut stdout, mut stderr, mut truncated) = (Vec::new(), Vec::new(), false);
        while let Some(Output { stream, bytes }) = self.output.recv().await {
            let kept = match stream {
                Stream::Out => &mut stdout,
                Stream::Err => &mut stderr,
            };
            let room = most.saturating_sub(kept.len()).min(bytes.len());
            kept.extend_from_slice(&bytes[..room]);
            truncated |= room < bytes.len();
        }
        let ended = self.ended.await.ok();
        truncated |= ended.is_some_and(|ended| ended.discarded_bytes > 0);
        Collected { ended, stdout, stderr, truncated }
    }
}

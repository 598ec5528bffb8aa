//! How commands run: one [`Plan`], started on this machine by a [`Host`] as a [`Program`].
//!
//! A plan is argv, never a line for a shell. It names a program that was found and a folder that was checked, and holds every
//! variable that the program gets. A program has a process group of its own and a mark in its environment, so that whatever it
//! started can be told from everything else, counted, and ended with it: when it ends, when it is stopped, when the gateway is
//! gone ([`guard`]), and at the next start if even that failed ([`reap`]).

mod budget;
mod census;
mod environment;
pub mod guard;
mod host;
mod limits;
mod orphans;
mod output;
mod plan;
mod proc;
mod program;
mod supervise;

pub use host::{Host, StartError};
pub use limits::Limits;
pub use orphans::{Reaped, reap};
pub use output::{Output, Stream};
pub use plan::{MAX_ARGUMENT_BYTES, MAX_ARGUMENTS, MAX_TOTAL_BYTES, MAX_VARIABLES, Plan, Refusal, Request, Rules};
pub use program::{Collected, Control, Ended, MARK, Mark, Outcome, Program, StopReason, Trace};

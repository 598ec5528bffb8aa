//! Programs that behave, and programs that do not.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod ends;
mod guarded;
mod limits;
mod output;
mod support;

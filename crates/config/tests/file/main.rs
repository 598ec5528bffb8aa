//! The configuration's file from the outside: real files, other processes, crashes.
#![expect(
    clippy::disallowed_methods,
    reason = "the children of these tests are told what to do by environment variables"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

mod change;
mod crash;
mod history;
mod includes;
mod race;
mod sealed;
mod support;

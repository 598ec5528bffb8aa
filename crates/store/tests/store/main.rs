//! The store from outside: what every change does, what holds together, and what is left after crashes.
#![expect(
    clippy::disallowed_methods,
    reason = "tests run child processes, which are told what to do through the environment"
)]
#![expect(clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

mod access_tokens;
mod approvals;
mod backup;
mod chain;
mod crash;
mod cron;
mod devices;
mod disk;
mod listing;
mod nodes;
mod passkeys;
mod runs;
mod sealing;
mod sessions;
mod spawns;
mod support;
mod transactions;
mod usage;

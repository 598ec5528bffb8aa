//! How they connect: the listener, the connections, the hub, the methods, the runs.
//!
//! [`start`] takes everything it needs (configuration, state directory, clock, identifiers, tasks, environment) and gives
//! back a [`Running`] gateway. Nothing here reads the process environment or prints, but for the log layer's standard output.

mod access;
mod access_tokens;
mod active;
mod address_file;
mod admission;
mod agent_tokens;
mod approvals;
mod audit;
mod audit_export;
mod audit_watch;
mod backups;
mod call;
mod connection;
mod cron;
mod devices;
mod egress;
mod fault;
mod features;
mod fleet;
mod health;
mod heartbeat;
mod history;
mod http;
mod hub;
mod key_rotation;
mod listener;
pub mod lockdown;
mod log;
mod log_file;
mod machine;
#[doc(hidden)]
pub mod measured;
mod memory;
mod methods;
mod metrics;
mod network;
mod nodes;
mod numbers;
mod outbox;
mod passkeys;
mod password;
pub mod posture;
mod presence;
pub mod qr;
mod reachable;
mod reference;
mod refusals;
mod reload;
mod rows;
mod rpc;
mod runs;
mod sealing;
mod settings;
pub mod setup;
mod setup_codes;
mod skills;
mod spawns;
mod specified;
mod start;
mod state;
mod tailscale;
mod ticks;
mod tls;
mod turn;
mod untrusted;
mod watch;
mod window;
mod wizards;
mod workspace;

pub use access::{Explained, explain};
pub use http::{
    alone::{NoPage, PageAlone, serve_alone},
    openapi::document as openapi,
};
pub use listener::Listen;
pub use log::{Format as LogFormat, LogLayer, LogRing};
pub use log_file::LogFile;
pub use reference::{methods_markdown, schema, typescript};
pub use reload::FollowLogging;
pub use start::{Options, RunError, Running, start, start_on};
pub use tls::TlsError;
pub use watch::NoLog;

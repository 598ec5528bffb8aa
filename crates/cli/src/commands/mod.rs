//! One file per command, and what several of them share.

pub(crate) mod agent;
pub(crate) mod agents;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod channels;
pub(crate) mod chat;
pub(crate) mod completion;
pub(crate) mod config;
pub(crate) mod content;
pub(crate) mod cron;
pub(crate) mod dashboard;
pub(crate) mod dev;
pub(crate) mod devices;
pub(crate) mod doctor;
pub(crate) mod gateway;
pub(crate) mod gateways;
pub(crate) mod health;
pub(crate) mod logs;
pub(crate) mod message;
pub(crate) mod methods;
pub(crate) mod metrics;
pub(crate) mod models;
pub(crate) mod node;
pub(crate) mod nodes;
pub(crate) mod onboard;
pub(crate) mod passkeys;
pub(crate) mod qr;
pub(crate) mod security;
pub(crate) mod sessions;
pub(crate) mod skills;
pub(crate) mod spawn;
pub(crate) mod status;
pub(crate) mod system;
pub(crate) mod top;
pub(crate) mod ui;
pub(crate) mod version;

use std::time::Duration;

use clap::Args;

use crate::reach::Target;

/// Which gateway, and how long to wait for it.
#[derive(Args, Clone, Debug)]
pub(crate) struct Patient {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Most time to wait, milliseconds
    #[arg(long, value_name = "MS", value_parser = milliseconds, default_value = "10000", help_heading = "Gateway")]
    pub(crate) timeout: Duration,
}

/// Milliseconds as the reference's `--timeout` counts them.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    match text.parse() {
        Ok(ms @ 1..=86_400_000) => Ok(Duration::from_millis(ms)),
        _ => Err("expected milliseconds from 1 to 86400000".to_owned()),
    }
}

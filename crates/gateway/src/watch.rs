//! Watches for what is unusual and for what fails, writes the log of security events, and has people told.
//!
//! Whoever serves a request only counts ([`figures`]). A task looks at the counts ([`look`]) and puts what is unusual into the audit
//! trail; another follows the trail ([`trail`]) and makes alerts of it, which go out by one queue for each way ([`alerts`]).

mod alerts;
mod figures;
mod look;
mod mail;
mod security_log;
mod trail;
mod webhook;

use std::{io, path::PathBuf, sync::Arc};

use openclaw_config::Loaded;
use openclaw_core::Clock;
use tokio::sync::Notify;

pub(crate) use alerts::{Alerts, Receivers};
pub(crate) use figures::{memory_kib, process};
pub(crate) use security_log::SecurityLog;

use crate::state::State;

/// What the gateway watches with.
#[derive(Debug)]
pub(crate) struct Watch {
    alerts: Alerts,
    /// `None` when it is not wanted.
    security_log: Option<Arc<SecurityLog>>,
    /// Another configuration is in force.
    reloaded: Notify,
}

/// The log of security events cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
pub struct NoLog {
    /// Which file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl Watch {
    /// What the configuration asks for. The log is opened once: a file that is written to does not move.
    ///
    /// # Errors
    /// When the log of security events is wanted and cannot be opened.
    pub(crate) fn new(
        loaded: &Loaded,
        state_dir: &std::path::Path,
        home: Option<&std::path::Path>,
        clock: &Clock,
    ) -> Result<(Self, Receivers), NoLog> {
        let (alerts, receivers) = Alerts::new();
        let config = &loaded.config;
        let security_log = match &config.logging.security {
            None => None,
            Some(wanted) => {
                let path = config.security_log(state_dir, home);
                let retention = config.security.storage.as_ref().and_then(|storage| storage.log_retention);
                let opened = SecurityLog::open(wanted, &path, retention.map(openclaw_config::Period::duration), clock);
                let log = Arc::new(opened.map_err(|source| NoLog { path, source })?);
                if wanted.include_stack_trace {
                    security_log::follow_panics(&log);
                }
                Some(log)
            }
        };
        Ok((Self { alerts, security_log, reloaded: Notify::new() }, receivers))
    }

    /// Says that another configuration is in force.
    pub(crate) fn reloaded(&self) {
        self.reloaded.notify_one();
    }
}

/// Starts what watches.
pub(crate) fn start(state: &Arc<State>, receivers: Receivers) {
    // Where the trail stands now: what happened before is no news.
    let from = *state.store.newest_record().borrow();
    state.tasks.spawn("watch", look::run(Arc::clone(state)));
    state.tasks.spawn("security log", trail::run(Arc::clone(state), from));
    for (channel, alerts) in receivers {
        state.tasks.spawn("alerts", alerts::deliver(Arc::clone(state), channel, alerts));
    }
}

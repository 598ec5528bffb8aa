//! The task that owns the configuration: it alone reads the file while the gateway runs, and it alone puts a
//! configuration in force.

use std::{path::PathBuf, sync::Arc};

use openclaw_config::{ConfigError, LoadRequest, Loaded, Logging};
use openclaw_core::record::AuditEvent;
use openclaw_protocol::{
    close,
    event::{ConfigChanged, ConfigRejected, Event},
};
use openclaw_store::Transaction;
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::{info, warn};

use super::{
    Cause, Rejected, Report, Request, no_longer_admits, plan,
    watch::{LOOK, Look, SETTLE},
};
use crate::{
    RunError,
    active::{Active, Models},
    audit::gateway_audit,
    health::Health,
    numbers,
    state::State,
};

/// Looks that differ from each other before a file is read although somebody goes on writing it.
const UNSETTLED_LOOKS: u32 = 10;

/// Told the logging settings in force whenever they may have changed.
pub type FollowLogging = Arc<dyn Fn(&Logging) + Send + Sync>;

/// What the owner needs besides the gateway.
pub(crate) struct Settings {
    /// What was loaded at the start, to load it again.
    pub(crate) request: LoadRequest,
    pub(crate) models: Models,
    pub(crate) follow_logging: FollowLogging,
}

/// Who changed the configuration, for the audit and for others.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) actor: String,
    pub(crate) ip: Option<String>,
    pub(crate) method: Option<&'static str>,
}

impl From<Cause> for Author {
    fn from(cause: Cause) -> Self {
        let actor = match cause {
            Cause::File => "file",
            Cause::Signal(signal) => signal,
        };
        Self { actor: actor.to_owned(), ip: None, method: None }
    }
}

/// The owner.
pub(crate) struct Owner {
    state: Arc<State>,
    request: Arc<LoadRequest>,
    models: Models,
    follow_logging: FollowLogging,
    /// What waits for a restart is what differs from this.
    started: Arc<Loaded>,
    inbox: mpsc::Receiver<Request>,
    /// How the files looked when they were last read; nothing when that is not known.
    seen: Option<Look>,
    /// How they looked last time, when that is not how they were read.
    unsettled: Option<Look>,
    unsettled_looks: u32,
}

impl Owner {
    pub(crate) fn new(state: Arc<State>, settings: Settings, inbox: mpsc::Receiver<Request>) -> Self {
        let started = Arc::clone(&state.active().loaded);
        let Settings { request, models, follow_logging } = settings;
        let request = Arc::new(request);
        Self { state, request, models, follow_logging, started, inbox, seen: None, unsettled: None, unsettled_looks: 0 }
    }

    /// Owns the configuration until the gateway stops.
    pub(crate) async fn run(mut self) {
        self.recall().await;
        let mut next = Instant::now() + LOOK;
        loop {
            let stopping = self.state.tasks.stop_token();
            tokio::select! {
                () = stopping.cancelled() => return,
                request = self.inbox.recv() => match request {
                    None => return,
                    Some(Request::Reload(cause, done)) => {
                        self.reload(cause).await;
                        // Whoever asked may have gone.
                        let _ = done.send(());
                    }
                },
                () = sleep_until(next) => {
                    self.look().await;
                    next = Instant::now() + if self.unsettled.is_some() { SETTLE } else { LOOK };
                }
            }
        }
    }

    /// Takes down how the file looks if it still says what it said when it was loaded, which spares reading it again.
    async fn recall(&mut self) {
        let (files, raw) = (self.files(), self.started.raw.clone());
        let path = self.started.path.clone();
        self.seen = blocking(move || {
            let look = Look::at(files.iter().map(PathBuf::as_path));
            let unchanged = std::fs::read_to_string(path).ok() == raw && look.is_private();
            unchanged.then_some(look)
        })
        .await
        .flatten();
    }

    /// The files that the configuration in force came from.
    fn files(&self) -> Vec<PathBuf> {
        vec![self.state.active().loaded.path.clone()]
    }

    async fn look(&mut self) {
        let files = self.files();
        let Some(now) = blocking(move || Look::at(files.iter().map(PathBuf::as_path))).await else { return };
        if self.seen.as_ref() == Some(&now) {
            self.settled();
            return;
        }
        self.unsettled_looks += 1;
        if self.unsettled.as_ref() == Some(&now) || self.unsettled_looks > UNSETTLED_LOOKS {
            self.reload(Cause::File).await;
        } else {
            self.unsettled = Some(now);
        }
    }

    fn settled(&mut self) {
        self.unsettled = None;
        self.unsettled_looks = 0;
    }

    /// Reads the file and puts in force what it says, or reports why it cannot be used.
    async fn reload(&mut self, cause: Cause) {
        self.settled();
        let (files, request) = (self.files(), Arc::clone(&self.request));
        let read = blocking(move || {
            // Looked at before it is read, so that a change during the reading is seen by the next look.
            let look = Look::at(files.iter().map(PathBuf::as_path));
            (look, openclaw_config::load(&request))
        });
        let Some((look, loaded)) = read.await else { return };
        self.seen = Some(look);
        let outcome = match loaded {
            Ok(loaded) => self.take(loaded, &cause.into()).await.map_err(Refusal::Rejected),
            Err(error) => Err(Refusal::Unreadable(error)),
        };
        let now = self.state.clock.now_ms();
        match outcome {
            Ok(()) => {}
            Err(Refusal::Unreadable(error)) => self.reject(Rejected::unreadable(error, now), cause).await,
            Err(Refusal::Rejected(message)) => self.reject(Rejected::because(message, now), cause).await,
        }
    }

    /// Puts a configuration in force that loads.
    async fn take(&self, loaded: Loaded, author: &Author) -> Result<(), String> {
        let state = &self.state;
        let old = state.active.load_full();
        if old.loaded.exists && !loaded.exists {
            return Err(format!(
                "config {} is gone; what it said stays in force: put it back, or restart the gateway to run without it",
                loaded.path.display()
            ));
        }
        if loaded.hash == old.loaded.hash {
            self.recovered(author).await;
            return Ok(());
        }
        let loaded = Arc::new(loaded);
        let plan = plan::plan(&old.loaded, &loaded);
        let restart_required = plan::plan(&self.started, &loaded).restart();
        let (building, models) = (Arc::clone(&loaded), Arc::clone(&self.models));
        let built = blocking(move || Active::build(building, &models)).await;
        let built = built.ok_or_else(|| "the configuration could not be prepared".to_owned())?;
        let active = built.map_err(|error| self.unsupported(&error))?;
        let numbers = numbers::ensure(&state.store, &active.agents).await.map_err(|error| {
            format!("new agents could not be numbered, so that the old configuration stays in force: {error}")
        })?;
        state.numbers().extend(numbers);
        state.throttle().configure(active.throttle);
        let active = Arc::new(active);
        state.active.store(Arc::clone(&active));
        (self.follow_logging)(&active.loaded.config.logging);
        state.promised.reloaded();
        self.close_former(&old, &active);
        let now = state.clock.now_ms();
        state.reload.report.store(Arc::new(Report {
            applied_hash: loaded.hash.clone(),
            restart_required: restart_required.clone(),
            last_reload_at: Some(now),
            rejected: None,
        }));
        Health::refresh(state).await;
        let changed = plan.paths();
        info!(
            changed = changed.join(", ").as_str(),
            restart_required = restart_required.join(", ").as_str(),
            by = author.actor.as_str(),
            "Configuration reloaded"
        );
        for notice in loaded.notices.iter().filter(|notice| !old.loaded.notices.contains(notice)) {
            warn!(path = notice.path.as_str(), "{}", notice.message);
        }
        if !restart_required.is_empty() {
            warn!(keys = restart_required.join(", ").as_str(), "Restart the gateway to put these keys in force");
        }
        let audit = AuditEvent {
            actor: author.actor.clone(),
            ip: author.ip.clone(),
            method: author.method.map(str::to_owned),
            target: Some(loaded.path.display().to_string()),
            ..gateway_audit(
                "config.changed",
                json!({ "paths": changed, "before": old.loaded.hash, "after": loaded.hash, "restartRequired": restart_required }),
            )
        };
        // It is in force already; a store that cannot take the record says so in health and in its own errors.
        if let Err(error) = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await {
            warn!(%error, "the record of a changed configuration could not be kept");
        }
        self.tell(changed, restart_required, author);
        Ok(())
    }

    /// Ends the connections whose credential no longer counts.
    fn close_former(&self, old: &Active, new: &Active) {
        let ends = |method| no_longer_admits(method, &old.policy, &new.policy);
        // Mostly nobody's does, and then the list of connections is not gone through.
        if !openclaw_auth::AuthMethod::ALL.iter().any(|method| ends(*method)) {
            return;
        }
        let closed = self.state.hub.close_admitted_by(close::FINAL, "gateway auth changed", ends);
        if closed > 0 {
            info!(connections = closed as u64, "Connections ended because their credential was changed");
        }
    }

    fn unsupported(&self, error: &RunError) -> String {
        let path = self.state.active().loaded.path.display().to_string();
        format!("config {path}: {error}; what was read before stays in force")
    }

    /// The file says again what is in force.
    async fn recovered(&self, author: &Author) {
        let report = self.state.reload.report();
        if report.rejected.is_none() {
            info!(by = author.actor.as_str(), "Configuration is unchanged");
            return;
        }
        self.state.reload.report.store(Arc::new(Report { rejected: None, ..(*report).clone() }));
        Health::refresh(&self.state).await;
        info!("Configuration is valid again");
        self.tell(Vec::new(), report.restart_required.clone(), author);
    }

    fn tell(&self, changed_paths: Vec<String>, restart_required: Vec<String>, author: &Author) {
        let loaded = Arc::clone(&self.state.active().loaded);
        self.state.hub.publish(Event::ConfigChanged(Arc::new(ConfigChanged {
            path: loaded.path.display().to_string(),
            hash: loaded.hash.clone(),
            ts: self.state.clock.now_ms(),
            changed_paths,
            restart_required,
            actor: author.actor.clone(),
        })));
    }

    /// Keeps what is in force and says everywhere why.
    async fn reject(&self, rejected: Rejected, cause: Cause) {
        let state = &self.state;
        let report = state.reload.report();
        let path = state.config_path();
        warn!(path = path.as_str(), reason = rejected.message.as_str(), "Configuration rejected");
        let detail = json!({
            "hash": rejected.hash,
            "issues": rejected.issues.iter().map(|issue| &issue.path).take(100).collect::<Vec<_>>(),
        });
        state.audit_detached(AuditEvent {
            actor: Author::from(cause).actor,
            severity: "warn".to_owned(),
            target: Some(path.clone()),
            outcome: "error".to_owned(),
            reason: Some(rejected.message.clone()),
            ..gateway_audit("config.rejected", detail)
        });
        state.hub.publish(Event::ConfigRejected(Arc::new(ConfigRejected {
            path,
            hash: rejected.hash.clone(),
            ts: rejected.at,
            message: rejected.message.clone(),
            issues: rejected.issues.len(),
        })));
        state.reload.report.store(Arc::new(Report { rejected: Some(rejected), ..(*report).clone() }));
        Health::refresh(state).await;
    }
}

enum Refusal {
    Unreadable(ConfigError),
    Rejected(String),
}

/// Runs what blocks away from the connections. `None` when it died, which its panic has told.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

//! The task that owns the configuration: it alone reads the file while the gateway runs, and it alone changes it and puts
//! a configuration in force.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use openclaw_config::{Attempt, ConfigFile, Loaded, Logging, Mode, Outcome};
use openclaw_core::record::AuditEvent;
use openclaw_protocol::event::{ConfigRejected, Event};
use serde_json::json;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};
use tracing::{info, warn};

use super::{
    Cause, Change, Failure, Goal, Made, Rejected, Report, Request, blocking, change,
    credentials::keeps_a_way_in,
    watch::{LOOK, Look, SETTLE},
};
use crate::{
    active::{Active, Models},
    audit::gateway_audit,
    health::Health,
    hub::ConnNumber,
    numbers, sealing,
    state::State,
};

/// Looks that differ from each other before a file is read although somebody goes on writing it.
const UNSETTLED_LOOKS: u32 = 10;
/// Times that a change is tried again because another process changed the file meanwhile.
const TRIES: usize = 3;

/// Told the logging settings in force whenever they may have changed.
pub type FollowLogging = Arc<dyn Fn(&Logging) + Send + Sync>;

/// What the owner needs besides the gateway.
pub(crate) struct Settings {
    pub(crate) models: Models,
    pub(crate) follow_logging: FollowLogging,
}

/// Who changed the configuration, for the audit and for others.
#[derive(Clone, Debug)]
pub(crate) struct Author {
    pub(crate) actor: String,
    pub(crate) ip: Option<String>,
    pub(crate) method: Option<&'static str>,
    /// The connection it came over, which is owed an answer.
    pub(crate) asker: Option<ConnNumber>,
}

impl From<Cause> for Author {
    fn from(cause: Cause) -> Self {
        let actor = match cause {
            Cause::File => "file",
            Cause::Signal(signal) => signal,
        };
        Self { actor: actor.to_owned(), ip: None, method: None, asker: None }
    }
}

/// The owner.
pub(crate) struct Owner {
    pub(super) state: Arc<State>,
    pub(super) file: ConfigFile,
    pub(super) models: Models,
    pub(super) follow_logging: FollowLogging,
    /// What waits for a restart is what differs from this.
    pub(super) started: Arc<Loaded>,
    inbox: mpsc::Receiver<Request>,
    /// How the files looked when they were last read; nothing when that is not known.
    seen: Option<Look>,
    /// How they looked last time, when that is not how they were read.
    unsettled: Option<Look>,
    unsettled_looks: u32,
    /// Events to tell once whoever asked is answered.
    pub(super) news: Vec<Event>,
}

impl Owner {
    pub(crate) fn new(state: Arc<State>, settings: Settings, inbox: mpsc::Receiver<Request>) -> Self {
        let started = Arc::clone(&state.active().loaded);
        let file = state.reload.file.clone();
        let Settings { models, follow_logging } = settings;
        Self {
            state,
            file,
            models,
            follow_logging,
            started,
            inbox,
            seen: None,
            unsettled: None,
            unsettled_looks: 0,
            news: Vec::new(),
        }
    }

    /// Owns the configuration until the gateway stops.
    pub(crate) async fn run(mut self) {
        self.recall().await;
        let mut next = Instant::now() + LOOK;
        loop {
            let stopping = self.state.tasks.stop_token();
            // Whoever asked may have gone, and then is told nothing.
            tokio::select! {
                () = stopping.cancelled() => return,
                request = self.inbox.recv() => match request {
                    None => return,
                    Some(Request::Reload(cause, done)) => {
                        self.reload(cause).await;
                        let _ = done.send(());
                    }
                    Some(Request::Change(change, done)) => {
                        let made = self.change(*change).await;
                        let _ = done.send(made);
                    }
                },
                () = sleep_until(next) => {
                    self.look().await;
                    next = Instant::now() + if self.unsettled.is_some() { SETTLE } else { LOOK };
                }
            }
            for event in std::mem::take(&mut self.news) {
                self.state.hub.publish_paced(event).await;
            }
        }
    }

    /// Takes down how the files look if they still say what they said when they were loaded, which spares reading them
    /// again, and keeps what the gateway started with in the history.
    async fn recall(&mut self) {
        let (files, started) = (self.files(), Arc::clone(&self.started));
        let file = self.file.clone();
        self.seen = blocking(move || {
            let look = Look::at(files.iter().map(PathBuf::as_path));
            let unchanged = file.hash().is_ok_and(|hash| hash == started.hash) && look.is_private();
            unchanged.then_some(look)
        })
        .await
        .flatten();
        self.keep(Arc::clone(&self.started)).await;
    }

    /// Keeps a configuration that is in force in the history, and as the last good one.
    pub(super) async fn keep(&self, loaded: Arc<Loaded>) {
        let (file, now) = (self.file.clone(), self.state.clock.now_ms());
        if let Some(Err(error)) = blocking(move || file.record(&loaded, now)).await {
            warn!(%error, "the configuration could not be kept in its history");
        }
    }

    /// The files that the configuration in force came from.
    fn files(&self) -> Vec<PathBuf> {
        let active = self.state.active();
        let main = active.loaded.path.as_path();
        let included = active.loaded.files().filter(|file| *file != main);
        std::iter::once(main).chain(included).map(Path::to_path_buf).collect()
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
        let (files, file, now) = (self.files(), self.file.clone(), self.now());
        let read = blocking(move || {
            // Looked at before it is read, so that a change during the reading is seen by the next look.
            let look = Look::at(files.iter().map(PathBuf::as_path));
            // Before it is kept in the history, which is to hold no secret that the configuration wants sealed.
            (look, file.load().map(|loaded| sealing::configuration(&file, loaded, now)))
        });
        let Some((look, loaded)) = read.await else { return };
        self.seen = Some(look);
        let outcome = match loaded {
            Ok(loaded) => self.take(loaded, &cause.into()).await.map_err(|why| Rejected::because(why, self.now())),
            Err(error) => Err(Rejected::unreadable(error, self.now())),
        };
        if let Err(rejected) = outcome {
            self.reject(rejected, cause).await;
        }
    }

    fn now(&self) -> i64 {
        self.state.clock.now_ms()
    }

    /// Puts a configuration in force that was found in the file and loads.
    async fn take(&mut self, loaded: Loaded, author: &Author) -> Result<(), String> {
        let old = Arc::clone(&self.state.active().loaded);
        let path = loaded.path.display().to_string();
        if old.exists && !loaded.exists {
            return Err(format!(
                "config {path} is gone; what it said stays in force: put it back, or restart the gateway to run without it"
            ));
        }
        if loaded.hash == old.hash {
            self.recovered(author).await;
            return Ok(());
        }
        let remedy = "what was read before stays in force";
        let active = self.build(loaded).await.map_err(|failure| match failure {
            Failure::Unsupported(error) => format!("config {path}: {error}; {remedy}"),
            failure => format!("config {path} could not be put in force: {failure}; {remedy}"),
        })?;
        let applied = self.apply(active, author).await;
        // It is in force already; a store that cannot take the record says so in health and in its own errors.
        if let Err(error) = self.write_down(&applied, author, None).await {
            warn!(%error, "the record of a changed configuration could not be kept");
        }
        self.tell(&applied, author);
        Ok(())
    }

    /// Works out what follows from a configuration, and gives new agents their numbers, before any of it is in force.
    async fn build(&self, loaded: Loaded) -> Result<Active, Failure> {
        let models = Arc::clone(&self.models);
        let built = blocking(move || Active::build(Arc::new(loaded), &models)).await.ok_or(Failure::Died)?;
        let active = built.map_err(Failure::Unsupported)?;
        let numbers = numbers::ensure(&self.state.store, &active.agents).await?;
        self.state.numbers().extend(numbers);
        Ok(active)
    }

    /// Makes a change and puts it in force, or checks it.
    async fn change(&mut self, change: Change) -> Result<Made, Failure> {
        if let Some(key) = change.key.clone() {
            let now = self.now();
            let kept =
                self.state.store.read(move |reader| reader.repeated(&key.scope, &key.key, &key.request_hash, now));
            if let Some(made) = kept.await?.and_then(|kept| serde_json::from_value(kept).ok()) {
                return Ok(made);
            }
        }
        let change = Arc::new(change);
        let made = self.make(&change).await;
        if let Err(Failure::Change(openclaw_config::ChangeError::Conflict { current })) = &made
            && self.state.reload.report().file_hash() != Some(current)
        {
            // Whoever asks for the present state now must be told of it.
            self.reload(Cause::File).await;
            if matches!(change.goal, Goal::Planned(_)) {
                return self.make(&change).await;
            }
        }
        made
    }

    async fn make(&mut self, change: &Arc<Change>) -> Result<Made, Failure> {
        let mut tries = 0;
        let (changed, active) = loop {
            let checked = self.attempt(change, change.base_hash.clone(), Mode::DryRun).await?;
            if checked.outcome == Outcome::Unchanged || change.mode == Mode::DryRun {
                let active = self.build(checked.loaded.clone()).await?;
                keeps_a_way_in(&self.state.active().policy, &active.policy)?;
                return Ok(self.made(&checked, &active.loaded));
            }
            // Built before anything is written, so that a file is never accepted with which the gateway would not start.
            let active = self.build(checked.loaded).await?;
            keeps_a_way_in(&self.state.active().policy, &active.policy)?;
            tries += 1;
            match self.attempt(change, Some(checked.before_hash), Mode::Write).await {
                Ok(changed) if changed.after_hash == active.loaded.hash => break (changed, active),
                Ok(changed) => {
                    let active = self.build(changed.loaded.clone()).await?;
                    break (changed, active);
                }
                Err(Failure::Change(openclaw_config::ChangeError::Conflict { .. }))
                    if change.base_hash.is_none() && tries < TRIES => {}
                Err(error) => return Err(error),
            }
        };
        self.look_at_own_work(&changed.after_hash).await;
        let mut made = self.made(&changed, &active.loaded);
        let applied = self.apply(active, &change.author).await;
        made.ends_asker = applied.ends_asker;
        let idempotency = change.key.clone().map(|key| key.keeps(&made, self.now()));
        self.write_down(&applied, &change.author, idempotency).await.map_err(Failure::Unrecorded)?;
        self.tell(&applied, &change.author);
        Ok(made)
    }

    async fn attempt(
        &self,
        change: &Arc<Change>,
        base_hash: Option<String>,
        mode: Mode,
    ) -> Result<openclaw_config::Changed, Failure> {
        let (file, change, now_ms) = (self.file.clone(), Arc::clone(change), self.now());
        let in_force = Arc::clone(&self.state.active().loaded);
        let made = blocking(move || -> Result<_, Failure> {
            let attempt = Attempt {
                base_hash: base_hash.as_deref(),
                who: &change.author.actor,
                note: change.note.as_deref(),
                now_ms,
                mode,
            };
            Ok(match &change.goal {
                Goal::Edits(edits) => file.change(edits, &attempt)?,
                Goal::Undo(to) => file.undo(to.as_deref(), &attempt)?,
                Goal::Planned(plan) => {
                    let edits = (plan.0)(&in_force).map_err(Failure::Refused)?;
                    // What was planned for another state of the file must not be done to this one.
                    file.change(&edits, &Attempt { base_hash: Some(&in_force.hash), ..attempt })?
                }
            })
        });
        made.await.ok_or(Failure::Died)?
    }

    /// What a change does, told against what is in force.
    fn made(&self, changed: &openclaw_config::Changed, loaded: &Loaded) -> Made {
        let old = Arc::clone(&self.state.active().loaded);
        let plan = openclaw_config::plan(&old, loaded);
        Made {
            written: changed.outcome == Outcome::Written,
            before_hash: changed.before_hash.clone(),
            hash: changed.after_hash.clone(),
            id: changed.id.as_ref().map(ToString::to_string),
            changed_paths: plan.changes.iter().map(|change| change.path.clone()).collect(),
            reconnect: plan.with(openclaw_config::Effect::Reconnect).map(str::to_owned).collect(),
            restart_required: self.waiting(loaded),
            warnings: change::warnings(&old, loaded),
            differences: changed.differences.clone(),
            ends_asker: false,
        }
    }

    /// Everything that differs from the start and waits for the next one.
    pub(super) fn waiting(&self, loaded: &Loaded) -> Vec<String> {
        let plan = openclaw_config::plan(&self.started, loaded);
        plan.with(openclaw_config::Effect::Restart).map(str::to_owned).collect()
    }

    /// Takes down how the files look after a change of our own, unless somebody has changed them again.
    async fn look_at_own_work(&mut self, hash: &str) {
        self.settled();
        let (files, file, hash) = (self.files(), self.file.clone(), hash.to_owned());
        self.seen = blocking(move || {
            let look = Look::at(files.iter().map(PathBuf::as_path));
            file.hash().is_ok_and(|now| now == hash).then_some(look)
        })
        .await
        .flatten();
    }

    /// The file says again what is in force.
    async fn recovered(&mut self, author: &Author) {
        let report = self.state.reload.report();
        if report.rejected.is_none() {
            info!(by = author.actor.as_str(), "Configuration is unchanged");
            return;
        }
        self.state.reload.report.store(Arc::new(Report { rejected: None, ..(*report).clone() }));
        Health::refresh(&self.state).await;
        info!("Configuration is valid again");
        let nothing = super::apply::Applied::nothing(&report, &self.state);
        self.tell(&nothing, author);
    }

    /// Keeps what is in force and says everywhere why.
    async fn reject(&mut self, rejected: Rejected, cause: Cause) {
        let state = &self.state;
        let report = state.reload.report();
        let path = state.config_path();
        state.metrics.config_rejected.inc();
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
        let event = ConfigRejected {
            path,
            hash: rejected.hash.clone(),
            ts: rejected.at,
            message: rejected.message.clone(),
            issues: rejected.issues.len(),
        };
        state.reload.report.store(Arc::new(Report { rejected: Some(rejected), ..(*report).clone() }));
        Health::refresh(state).await;
        self.news.push(Event::ConfigRejected(Arc::new(event)));
    }
}

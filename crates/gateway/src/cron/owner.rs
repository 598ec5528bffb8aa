//! The one task that knows when each job is due.

use std::{
    collections::{BTreeSet, HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use openclaw_config::MissedRuns;
use openclaw_core::cron::{Job, Missed, Occurrence, OccurrenceState, Policy, Source};
use openclaw_store::Reader;
use tokio::{sync::mpsc, time::Instant};
use tracing::warn;
use uuid::Uuid;

use super::{
    act,
    keeper::{self, Cause, Claimed},
    told,
};
use crate::state::State;

/// Longest time without a look at the clock, which may be put forward or back at any time.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);
/// How far the clock may go back without every job being planned anew, milliseconds.
const DRIFT_MS: i64 = 1000;
/// Decisions that are made at once.
const CLAIMING: usize = 32;
/// Wait before the store is asked again.
const AGAIN: Duration = Duration::from_secs(1);
/// The same in milliseconds.
const AGAIN_MS: i64 = 1000;
/// Messages to the owner that may wait; whoever has one more waits.
const MESSAGES: usize = 64;

/// What the tasks that work for the owner say.
enum Message {
    /// A look at a job is over.
    Claimed(Uuid, Result<Claimed, openclaw_store::Error>),
    /// All occurrences of a job that were to run have ended.
    Done(Uuid, Option<i64>),
}

/// Runs jobs until the gateway stops.
pub(crate) async fn run(state: Arc<State>) {
    let (sender, messages) = mpsc::channel(MESSAGES);
    let mut owner = Owner {
        state,
        sender,
        waiting: BTreeSet::new(),
        times: HashMap::new(),
        claiming: HashSet::new(),
        again: HashSet::new(),
        ready: VecDeque::new(),
        busy: HashSet::new(),
        cause: HashMap::new(),
    };
    owner.serve(messages).await;
}

struct Owner {
    state: Arc<State>,
    sender: mpsc::Sender<Message>,
    /// Jobs that wait, by the time at which they are due. With `times` the same in both directions.
    waiting: BTreeSet<(i64, Uuid)>,
    times: HashMap<Uuid, i64>,
    /// Jobs that are looked at.
    claiming: HashSet<Uuid>,
    /// Of those, the ones that were changed meanwhile.
    again: HashSet<Uuid>,
    /// Claimed, and waiting for a place to run.
    ready: VecDeque<(Box<Job>, Vec<Occurrence>)>,
    /// Jobs with occurrences that are ready or run.
    busy: HashSet<Uuid>,
    /// Why occurrences of a job may have passed, when it is not the gateway's absence.
    cause: HashMap<Uuid, Cause>,
}

impl Owner {
    async fn serve(&mut self, mut messages: mpsc::Receiver<Message>) {
        let state = Arc::clone(&self.state);
        while let Err(error) = self.load().await {
            warn!(%error, "scheduled jobs could not be read; trying again");
            tokio::select! {
                () = state.tasks.stopping() => return,
                () = tokio::time::sleep(AGAIN) => {}
            }
        }
        let mut running = 0_usize;
        let mut seen = (state.clock.now_ms(), Instant::now());
        loop {
            self.look();
            running += self.start(running);
            tokio::select! {
                biased;
                () = state.tasks.stopping() => return,
                message = messages.recv() => match message {
                    Some(Message::Claimed(job_id, claimed)) => self.claimed(job_id, claimed).await,
                    Some(Message::Done(job_id, next)) => {
                        running = running.saturating_sub(1);
                        self.busy.remove(&job_id);
                        if next.is_some_and(|next| next <= state.clock.now_ms()) {
                            self.cause.insert(job_id, Cause::Busy);
                        }
                        self.look_again(job_id).await;
                    }
                    None => return,
                },
                () = state.cron.bell.notified() => self.changed().await,
                () = self.sleep() => {}
            }
            state.metrics.cron_wakeups.inc();
            let now = (state.clock.now_ms(), Instant::now());
            let passed = i64::try_from(now.1.duration_since(seen.1).as_millis()).unwrap_or(i64::MAX);
            if now.0 < seen.0.saturating_add(passed) - DRIFT_MS {
                self.put_back().await;
            }
            seen = now;
        }
    }

    /// Learns what waits, and takes up what a crash left.
    async fn load(&mut self) -> Result<(), openclaw_store::Error> {
        let store = self.state.store.clone();
        let (waiting, open) = store.read(|reader| Ok((Reader::cron_waiting(reader)?, reader.cron_open()?))).await?;
        for (job_id, next) in waiting {
            self.wait(job_id, Some(next));
        }
        let mut left: HashMap<Uuid, Vec<Occurrence>> = HashMap::new();
        for occurrence in open {
            left.entry(occurrence.job_id).or_default().push(occurrence);
        }
        for (job_id, occurrences) in left {
            let read = store.read(move |reader| reader.cron_job(job_id)).await?;
            self.take_up(job_id, read, occurrences).await;
        }
        // The clock may have been put back while the gateway was not running.
        self.put_back().await;
        Ok(())
    }

    /// Goes on with occurrences that were claimed and have not ended.
    async fn take_up(&mut self, job_id: Uuid, job: Option<Job>, occurrences: Vec<Occurrence>) {
        let policy = self.policy();
        let now = self.state.clock.now_ms();
        let mut run = Vec::new();
        for occurrence in occurrences {
            let late = now - occurrence.scheduled > policy.grace_ms;
            let untouched = occurrence.state == OccurrenceState::Claimed;
            match &job {
                None => act::end_without_job(&self.state, &occurrence).await,
                Some(job)
                    if untouched
                        && late
                        && policy.missed == Missed::Skip
                        && occurrence.source == Source::Schedule
                        && job.schedule.kind() != "at" =>
                {
                    act::end_missed(&self.state, job, &occurrence).await;
                }
                Some(_) => run.push(occurrence),
            }
        }
        if let Some(job) = job.filter(|_| !run.is_empty()) {
            self.forget(job_id);
            self.busy.insert(job_id);
            self.ready.push_back((Box::new(job), run));
        }
    }

    fn policy(&self) -> Policy {
        let cron = &self.state.active().loaded.config.cron;
        let missed = match cron.missed_runs {
            _ if cron.skip_missed_jobs => Missed::Skip,
            MissedRuns::Skip => Missed::Skip,
            MissedRuns::Once => Missed::Once,
            MissedRuns::All => Missed::All,
        };
        let grace = i64::try_from(cron.missed_grace.duration().as_millis()).unwrap_or(i64::MAX);
        Policy { missed, grace_ms: grace, limit: cron.missed_limit as usize }
    }

    fn enabled(&self) -> bool {
        self.state.cron.enabled(&self.state.active().loaded.config) && !self.state.lockdown.holds()
    }

    fn wait(&mut self, job_id: Uuid, next: Option<i64>) {
        self.forget(job_id);
        if let Some(next) = next {
            self.times.insert(job_id, next);
            self.waiting.insert((next, job_id));
        }
    }

    fn forget(&mut self, job_id: Uuid) {
        if let Some(time) = self.times.remove(&job_id) {
            self.waiting.remove(&(time, job_id));
        }
    }

    /// Resolves when the first job is due, or the clock should be looked at.
    async fn sleep(&self) {
        // A full house is woken by the end of a decision.
        let first = self.waiting.first().filter(|_| self.enabled() && self.claiming.len() < CLAIMING);
        let Some((next, _)) = first else { return std::future::pending().await };
        let wait = u64::try_from(next - self.state.clock.now_ms()).unwrap_or(0);
        tokio::time::sleep(Duration::from_millis(wait).min(LONGEST_SLEEP)).await;
    }

    /// Has decided what is due.
    fn look(&mut self) {
        if !self.enabled() {
            return;
        }
        let now = self.state.clock.now_ms();
        let policy = self.policy();
        while let Some((time, job_id)) = self.waiting.first().copied()
            && time <= now
            && self.claiming.len() < CLAIMING
        {
            self.forget(job_id);
            self.claiming.insert(job_id);
            let cause = self.cause.remove(&job_id).unwrap_or(Cause::Away);
            let (state, sender) = (Arc::clone(&self.state), self.sender.clone());
            self.state.tasks.spawn("cron claim", async move {
                let claimed = keeper::claim(&state.store, &state.cron.zones, policy, job_id, now, cause).await;
                let _ = sender.send(Message::Claimed(job_id, claimed)).await;
            });
        }
    }

    async fn claimed(&mut self, job_id: Uuid, claimed: Result<Claimed, openclaw_store::Error>) {
        self.claiming.remove(&job_id);
        let again = self.again.remove(&job_id);
        match claimed {
            Ok(Claimed::Run { job, run, passed }) => {
                if let Some(passed) = passed {
                    told::publish(&self.state, "finished", job_id, Some(&job), Some(&passed));
                }
                if run.is_empty() {
                    self.wait(job_id, job.state.due_at());
                } else {
                    self.busy.insert(job_id);
                    self.ready.push_back((job, run));
                }
            }
            Ok(Claimed::Gone) => {}
            Err(error) => {
                warn!(job = %job_id, %error, "it could not be decided about a scheduled job; trying again");
                self.wait(job_id, Some(self.state.clock.now_ms() + AGAIN_MS));
            }
        }
        if again {
            self.look_again(job_id).await;
        }
    }

    /// Begins what is ready, as long as there are places. Gives how many were begun.
    fn start(&mut self, running: usize) -> usize {
        let places = self.state.active().loaded.config.cron.max_concurrent_runs as usize;
        let mut begun = 0;
        while running + begun < places
            && let Some((job, occurrences)) = self.ready.pop_front()
        {
            begun += 1;
            let (state, sender) = (Arc::clone(&self.state), self.sender.clone());
            self.state.tasks.spawn("cron job", async move {
                let job_id = job.id;
                let next = act::all(&state, *job, occurrences).await;
                let _ = sender.send(Message::Done(job_id, next)).await;
            });
        }
        begun
    }

    /// Looks at the jobs that were changed.
    async fn changed(&mut self) {
        for job_id in self.state.cron.take_changed() {
            self.look_again(job_id).await;
        }
    }

    async fn look_again(&mut self, job_id: Uuid) {
        if self.claiming.contains(&job_id) {
            self.again.insert(job_id);
            return;
        }
        let read = self
            .state
            .store
            .read(move |reader| {
                let open = reader.cron_open_of(job_id)?;
                Ok((reader.cron_job(job_id)?, open))
            })
            .await;
        let (job, open) = match read {
            Ok(read) => read,
            Err(error) => {
                warn!(job = %job_id, %error, "a scheduled job could not be read; trying again");
                self.wait(job_id, Some(self.state.clock.now_ms() + AGAIN_MS));
                return;
            }
        };
        if self.busy.contains(&job_id) {
            // Its end tells when it is due next.
            return;
        }
        let Some(job) = job else {
            self.forget(job_id);
            self.cause.remove(&job_id);
            return;
        };
        // Asked for by hand.
        if open.is_empty() {
            self.wait(job_id, job.state.due_at().filter(|_| job.enabled));
        } else {
            self.forget(job_id);
            self.busy.insert(job_id);
            self.ready.push_back((Box::new(job), open));
        }
    }

    /// Plans every job that waits anew, because the clock was put back: what is due soon by the new time must not wait for the old.
    async fn put_back(&mut self) {
        let now = self.state.clock.now_ms();
        let misplanned = match keeper::misplanned(&self.state.store, &self.state.cron.zones, now).await {
            Ok(misplanned) => misplanned,
            Err(error) => {
                warn!(%error, "it could not be looked whether scheduled jobs must be planned anew");
                return;
            }
        };
        for job_id in misplanned.into_iter().filter(|job_id| self.times.contains_key(job_id)).collect::<Vec<_>>() {
            match keeper::replan(&self.state.store, &self.state.cron.zones, job_id, now).await {
                Ok(next) => self.wait(job_id, next),
                Err(error) => warn!(job = %job_id, %error, "a scheduled job could not be planned anew"),
            }
        }
    }
}

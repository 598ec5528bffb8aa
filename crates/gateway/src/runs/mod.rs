//! Turns of agents. One actor per live session key keeps the order of its turns; this is the list of actors, and the place
//! where whoever waits for a run is told of its end.

mod actor;
mod asked;
mod context;
mod ended;
mod live;
pub(crate) mod message;
mod outcome;
mod records;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use openclaw_core::record::{AuditEvent, Run};
use openclaw_protocol::{RunId, SessionKey, TraceParent, WireError, detail};
use openclaw_store::Change;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{settings::AgentSettings, state::State};

pub(crate) use asked::{MODELS, model_of};
pub(crate) use context::{Limits, check_thinking};
pub(crate) use message::{answered_by, injected, text_of, user};
pub(crate) use outcome::{FailedAttempt, NamedModel, RunOutcome, Tokens};

/// Commands that may wait for one session.
const COMMANDS: usize = 64;
/// Runs that may wait in one session behind the one at work.
pub(crate) const QUEUED_RUNS: usize = 32;
/// Calls that may wait for the end of a run, all runs together.
const WAITERS: usize = 65_536;
/// Sessions that may be live at the same time.
pub(crate) const LIVE_SESSIONS: usize = 10_000;

/// What to do with a message that comes while a run is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum QueueMode {
    /// Its own turn afterwards.
    #[default]
    Followup,
    /// One turn together with everything else that waits.
    Collect,
    /// The run at work is aborted first.
    Interrupt,
}

impl QueueMode {
    /// Reads the wire's word. `steer` changes a run between two tool calls; a run without tools has no such place, so there
    /// it is a turn of its own.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "steer" | "followup" | "queue" => Some(Self::Followup),
            "collect" => Some(Self::Collect),
            "interrupt" => Some(Self::Interrupt),
            _ => None,
        }
    }
}

/// A turn that somebody asks for.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(crate) run_id: RunId,
    pub(crate) session_key: SessionKey,
    pub(crate) agent: AgentSettings,
    /// The user's message as the transcript keeps it.
    pub(crate) message: Value,
    pub(crate) queue_mode: QueueMode,
    pub(crate) model: Option<String>,
    /// Models that stand in for `model`; none of its own when absent.
    pub(crate) fallbacks: Option<Vec<String>>,
    pub(crate) thinking: Option<String>,
    /// What is asked of this answer alone.
    pub(crate) limits: Limits,
    pub(crate) extra_system_prompt: Option<String>,
    pub(crate) label: Option<String>,
    pub(crate) timeout_ms: Option<u64>,
    pub(crate) request_hash: String,
    pub(crate) principal: String,
    /// The trace that the request belongs to.
    pub(crate) trace: Option<TraceParent>,
    pub(crate) audit: AuditEvent,
    /// Resolves when the caller was told of the acceptance.
    pub(crate) told: oneshot::Receiver<()>,
    /// What is changed in the transaction that accepts it, before anything else of it.
    pub(crate) also: Vec<Change>,
}

/// What became of a submission. It is on stable storage when this is known.
#[derive(Clone, Debug)]
pub(crate) enum Submitted {
    /// It is at work, or waits for its turn.
    Accepted {
        /// When it was accepted.
        at: i64,
    },
    /// A run of this name was accepted before.
    Known(Box<Run>),
}

#[derive(Debug)]
enum Command {
    Submit(Box<Submission>, oneshot::Sender<Result<Submitted, WireError>>),
    Abort {
        run_id: Option<RunId>,
        reason: &'static str,
        reply: oneshot::Sender<Vec<RunId>>,
    },
    /// Ends the owner as a defect would.
    #[cfg(test)]
    Die,
}

/// Who waits for the end of which run.
#[derive(Debug, Default)]
struct Waiters {
    by_run: HashMap<RunId, Vec<oneshot::Sender<Run>>>,
    count: usize,
}

impl Waiters {
    /// Drops the registrations of those who no longer wait.
    fn prune(&mut self, run_id: &RunId) {
        if let Some(of_run) = self.by_run.get_mut(run_id) {
            let before = of_run.len();
            of_run.retain(|waiter| !waiter.is_closed());
            self.count -= before - of_run.len();
            if of_run.is_empty() {
                self.by_run.remove(run_id);
            }
        }
    }
}

/// The live sessions.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    actors: Mutex<HashMap<SessionKey, mpsc::Sender<Command>>>,
    waiters: Mutex<Waiters>,
    active: Mutex<HashMap<SessionKey, RunId>>,
    /// Texts that somebody reads as they come, each whole so far. There is one for each HTTP request that reads one.
    texts: Mutex<HashMap<RunId, watch::Sender<Arc<str>>>>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Runs {
    /// Asks for a turn. Resolves when the acceptance is on stable storage.
    pub(crate) async fn submit(state: &Arc<State>, submission: Submission) -> Result<Submitted, WireError> {
        let (reply, answer) = oneshot::channel();
        let key = submission.session_key.clone();
        Self::send(state, &key, Command::Submit(Box::new(submission), reply))?;
        let submitted = answer.await.unwrap_or_else(|_| Err(shutting_down()));
        if matches!(submitted, Ok(Submitted::Accepted { .. })) {
            state.metrics.messages_accepted.inc();
        }
        submitted
    }

    /// Aborts the run at work in a session, or the one that is named, and whatever waits when none is named. Waits for its
    /// place when many requests wait for the session.
    ///
    /// # Errors
    /// When the owner of the session ended before it could answer.
    pub(crate) async fn abort(
        state: &Arc<State>,
        key: &SessionKey,
        run_id: Option<RunId>,
        reason: &'static str,
    ) -> Result<Vec<RunId>, WireError> {
        // Once more for an owner that retired while the command was on its way.
        for _ in 0..2 {
            let Some(actor) = locked(&state.runs.actors).get(key).cloned() else { return Ok(Vec::new()) };
            let (reply, answer) = oneshot::channel();
            let command = Command::Abort { run_id: run_id.clone(), reason, reply };
            if actor.send(command).await.is_ok()
                && let Ok(aborted) = answer.await
            {
                state.approvals.aborted(aborted.clone()).await;
                return Ok(aborted);
            }
        }
        Err(shutting_down())
    }

    fn send(state: &Arc<State>, key: &SessionKey, mut command: Command) -> Result<(), WireError> {
        let mut actors = locked(&state.runs.actors);
        if let Some(actor) = actors.get(key) {
            command = match actor.try_send(command) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::TrySendError::Full(_)) => {
                    let text = format!("too many requests wait for session {key}");
                    return Err(WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(250)));
                }
                Err(mpsc::error::TrySendError::Closed(command)) => command,
            };
        } else if actors.len() >= LIVE_SESSIONS {
            let text = format!("{LIVE_SESSIONS} sessions are live; try again when some have ended");
            return Err(WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(1000)));
        }
        let (sender, commands) = mpsc::channel(COMMANDS);
        // A fresh channel has room.
        let _ = sender.try_send(command);
        actors.insert(key.clone(), sender);
        let actor = actor::Actor::new(Arc::clone(state), key.clone(), commands);
        state.tasks.spawn("session", actor.run());
        Ok(())
    }

    /// Forgets an idle actor, unless a command came in the meantime.
    fn retire(&self, key: &SessionKey, commands: &mut mpsc::Receiver<Command>) -> Option<Command> {
        let mut actors = locked(&self.actors);
        match commands.try_recv() {
            Ok(command) => Some(command),
            Err(_) => {
                actors.remove(key);
                None
            }
        }
    }

    /// The sessions of an agent that have work.
    pub(crate) fn live_of(&self, agent: &openclaw_protocol::AgentId) -> Vec<SessionKey> {
        let actors = locked(&self.actors);
        actors.keys().filter(|key| key.agent().as_ref() == Some(agent)).cloned().collect()
    }

    /// All sessions that have work.
    pub(crate) fn live(&self) -> Vec<SessionKey> {
        locked(&self.actors).keys().cloned().collect()
    }

    /// The run at work in a session.
    pub(crate) fn active_run(&self, key: &SessionKey) -> Option<RunId> {
        locked(&self.active).get(key).cloned()
    }

    /// Runs at work.
    pub(crate) fn active_count(&self) -> usize {
        locked(&self.active).len()
    }

    /// Whether an agent has a run at work.
    pub(crate) fn is_busy(&self, agent: &openclaw_protocol::AgentId) -> bool {
        locked(&self.active).keys().any(|key| key.agent().as_ref() == Some(agent))
    }

    /// Resolves with the run when it ends. Register before reading the store, so that no end is missed.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) fn wait(&self, run_id: &RunId) -> Result<oneshot::Receiver<Run>, WireError> {
        let (tell, told) = oneshot::channel();
        let mut waiters = locked(&self.waiters);
        if waiters.count >= WAITERS {
            let text = format!("{WAITERS} calls wait for the end of a run; try again when some have ended");
            return Err(WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(1000)));
        }
        waiters.by_run.entry(run_id.clone()).or_default().push(tell);
        waiters.count += 1;
        Ok(told)
    }

    /// Drops the registrations of those who no longer wait.
    pub(crate) fn forget_waiters(&self, run_id: &RunId) {
        locked(&self.waiters).prune(run_id);
    }

    /// The text of a run as it comes, whole so far each time; closed when the run has ended. Call it before the run is submitted.
    pub(crate) fn read_along(&self, run_id: &RunId) -> watch::Receiver<Arc<str>> {
        let mut texts = locked(&self.texts);
        texts.entry(run_id.clone()).or_insert_with(|| watch::Sender::new(Arc::from(""))).subscribe()
    }

    /// Forgets the text of a run that nobody reads any more but whoever calls this.
    pub(crate) fn stop_reading(&self, run_id: &RunId) {
        let mut texts = locked(&self.texts);
        if texts.get(run_id).is_some_and(|text| text.receiver_count() <= 1) {
            texts.remove(run_id);
        }
    }

    /// A run has said so much by now.
    fn said(&self, run_id: &RunId, text: &Arc<str>) {
        if let Some(reader) = locked(&self.texts).get(run_id) {
            reader.send_replace(Arc::clone(text));
        }
    }

    fn began(&self, key: &SessionKey, run_id: &RunId) {
        locked(&self.active).insert(key.clone(), run_id.clone());
    }

    /// Forgets an owner that ended in the middle of these runs.
    fn lost(&self, key: &SessionKey, open: &[RunId]) {
        {
            let mut active = locked(&self.active);
            if active.get(key).is_some_and(|run_id| open.contains(run_id)) {
                active.remove(key);
            }
        }
        let mut actors = locked(&self.actors);
        if actors.get(key).is_some_and(mpsc::Sender::is_closed) {
            actors.remove(key);
        }
    }

    fn no_longer_active(&self, key: &SessionKey) {
        locked(&self.active).remove(key);
    }

    fn tell(&self, run: &Run) {
        let told = {
            let mut waiters = locked(&self.waiters);
            let told = waiters.by_run.remove(&run.run_id).unwrap_or_default();
            waiters.count -= told.len();
            told
        };
        for waiter in told {
            let _ = waiter.send(run.clone());
        }
        locked(&self.texts).remove(&run.run_id);
    }
}

fn shutting_down() -> WireError {
    WireError::unavailable(detail::SHUTTING_DOWN, "the gateway is stopping; connect again when it is back")
        .retryable(Some(1000))
}

#[cfg(test)]
mod tests;

//! The owner of one session's turns: accepts them, runs one at a time, ends them.
//!
//! Every step that a client may rely on is one store transaction, and is told only after that is on stable storage:
//! accepted (with the user's message), then final, error, aborted or interrupted (with the assistant's).

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::StreamExt;
use openclaw_agents::{Error, Failure, failover::Step};
use openclaw_core::record::{AuditEvent, Run, RunState, Session, SessionSettings, Totals};
use openclaw_protocol::{
    RunId, SessionKey, WireError, detail,
    event::{ChatEnd, ChatState, Event, SessionMessage},
};
use openclaw_store::{Change, Committed, MessageQuery, NewMessage, Outcome, SessionPatch, Transaction};
use serde_json::json;
use tokio::{
    sync::{mpsc, oneshot},
    time::sleep_until,
};
use tracing::{field, info, warn};

use super::{
    Command, QUEUED_RUNS, QueueMode, Submission, Submitted, asked, context,
    ended::Ended,
    live::{Ending, Live},
    records::{audit, ended_runs},
};
use crate::{fault, rows, state::State};

/// What is said of runs whose owner ended by a defect.
const LOST: &str = "the run was lost to an internal error; send it again under a new key";
/// What is said of a reply that the store did not take.
const NOT_KEPT: &str = "the reply could not be kept: the store did not take it";
/// Waits before a busy store is asked again to keep the end of a run.
const ASK_AGAIN: [Duration; 4] =
    [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(800), Duration::from_secs(3)];
/// How long an actor without work stays.
const IDLE: Duration = Duration::from_secs(60);
/// How long a run waits for its caller to be told that it was accepted.
const ANSWERED: Duration = Duration::from_secs(1);
/// How long the rest of a finished stream is read.
const DRAIN: Duration = Duration::from_millis(200);
/// How long a run may take when neither request nor configuration says.
const FAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// A turn that was accepted and waits for the one at work.
struct Waiting {
    submission: Box<Submission>,
    run: Run,
}

/// The owner of a session's turns.
pub(super) struct Actor {
    state: Arc<State>,
    key: SessionKey,
    commands: mpsc::Receiver<Command>,
    live: Option<Live>,
    waiting: VecDeque<Waiting>,
    /// Accepted and not ended: what must be ended when this owner goes away in the middle.
    open: Vec<RunId>,
}

impl Drop for Actor {
    /// A defect ends one session's owner; nobody may wait for ever for what it had accepted.
    fn drop(&mut self) {
        let open = std::mem::take(&mut self.open);
        if open.is_empty() {
            return;
        }
        let (state, key) = (Arc::clone(&self.state), self.key.clone());
        self.commands.close();
        state.runs.lost(&key, &open);
        if self.live.is_some() {
            state.metrics.runs_active.dec();
        }
        self.state.tasks.spawn("lost runs", async move {
            warn!(session = %key, runs = open.len() as u64, "a session's owner ended in the middle of its runs");
            for run_id in open {
                let mut audit = audit(&key, "run.error", &run_id, "gateway", "error");
                audit.reason = Some(LOST.to_owned());
                let outcome = Some(json!({ "status": "error", "error": LOST }));
                let at = state.clock.now_ms();
                let changes = vec![Change::EndRun { run_id: run_id.clone(), state: RunState::Error, at, outcome }];
                match state.store.write(Transaction { changes, audit, idempotency: None }).await {
                    Ok(committed) => ended_runs(&committed.outcomes).iter().for_each(|run| state.runs.tell(run)),
                    Err(error) => warn!(%run_id, %error, "a lost run could not be ended"),
                }
            }
        });
    }
}

enum Next {
    Command(Option<Command>),
    Step(Option<Result<Step, Failure>>),
    Tell,
    TimedOut,
    Idle,
    Stopping,
}

impl Actor {
    pub(super) fn new(state: Arc<State>, key: SessionKey, commands: mpsc::Receiver<Command>) -> Self {
        Self { state, key, commands, live: None, waiting: VecDeque::new(), open: Vec::new() }
    }

    pub(super) async fn run(mut self) {
        loop {
            if self.live.is_none() && !self.waiting.is_empty() {
                self.start_waiting().await;
                continue;
            }
            match self.next().await {
                Next::Command(Some(command)) => self.command(command).await,
                Next::Step(step) => {
                    let ending = self.live.as_mut().and_then(|live| live.take(&self.state, step));
                    if let Some(ending) = ending {
                        self.end(ending).await;
                    }
                }
                Next::Tell => {
                    if let Some(live) = &mut self.live {
                        live.tell(&self.state);
                    }
                }
                Next::TimedOut => self.end(Ending::TimedOut).await,
                Next::Idle => match self.state.runs.retire(&self.key, &mut self.commands) {
                    Some(command) => self.command(command).await,
                    None => return,
                },
                Next::Command(None) | Next::Stopping => {
                    self.end(Ending::Interrupted).await;
                    for waiting in std::mem::take(&mut self.waiting) {
                        self.drop_waiting(waiting, RunState::Interrupted, "the gateway stopped before it began").await;
                    }
                    return;
                }
            }
        }
    }

    async fn next(&mut self) -> Next {
        let (state, commands) = (&self.state, &mut self.commands);
        match &mut self.live {
            None => tokio::select! {
                biased;
                () = state.tasks.stopping() => Next::Stopping,
                command = commands.recv() => Next::Command(command),
                () = tokio::time::sleep(IDLE) => Next::Idle,
            },
            Some(live) => {
                let tell_at = live.tell_at();
                tokio::select! {
                    biased;
                    () = state.tasks.stopping() => Next::Stopping,
                    command = commands.recv() => Next::Command(command),
                    () = sleep_until(tell_at.unwrap_or(live.deadline)), if tell_at.is_some() => Next::Tell,
                    step = live.steps.next() => Next::Step(step),
                    () = sleep_until(live.deadline) => Next::TimedOut,
                }
            }
        }
    }

    async fn command(&mut self, command: Command) {
        match command {
            Command::Submit(submission, reply) => self.submit(submission, reply).await,
            Command::Abort { run_id, reason, reply } => {
                let mut aborted = Vec::new();
                if let Some(live) = &self.live
                    && run_id.as_ref().is_none_or(|wanted| live.run_ids().any(|live| live == wanted))
                {
                    aborted.extend(live.run_ids().cloned());
                    self.end(Ending::Aborted(reason)).await;
                }
                let (dropped, kept) = std::mem::take(&mut self.waiting)
                    .into_iter()
                    .partition(|waiting| run_id.as_ref().is_none_or(|wanted| *wanted == waiting.run.run_id));
                self.waiting = kept;
                let dropped: VecDeque<Waiting> = dropped;
                for waiting in dropped {
                    aborted.push(waiting.run.run_id.clone());
                    self.drop_waiting(waiting, RunState::Aborted, "aborted before it began").await;
                }
                let _ = reply.send(aborted);
            }
            #[cfg(test)]
            Command::Die => panic!("asked to"),
        }
    }

    async fn submit(&mut self, submission: Box<Submission>, reply: oneshot::Sender<Result<Submitted, WireError>>) {
        if self.waiting.len() >= QUEUED_RUNS && !self.open.contains(&submission.run_id) {
            let text = format!("{QUEUED_RUNS} runs wait in session {}; wait for one to end or abort it", self.key);
            let _ = reply.send(Err(WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(1000))));
            return;
        }
        let now = self.state.clock.now_ms();
        let run = Run {
            run_id: submission.run_id.clone(),
            session_key: self.key.clone(),
            principal: submission.principal.clone(),
            request_hash: submission.request_hash.clone(),
            state: RunState::Accepted,
            accepted_at: now,
            started_at: None,
            ended_at: None,
            // Until it ends: what was asked, so that a run that never began can still be read.
            outcome: Some(json!({ "input": submission.message })),
        };
        if self.live.is_some() && submission.queue_mode == QueueMode::Interrupt && !self.is_known(&run.run_id).await {
            self.end(Ending::Aborted("interrupt")).await;
        }
        let begins = self.live.is_none() && self.waiting.is_empty();
        let mut changes = submission.also.clone();
        changes.push(Change::EnsureSession { session: self.fresh_session(&submission, now) });
        changes.push(Change::AcceptRun { run: run.clone() });
        if begins {
            changes.push(Change::StartRun { run_id: run.run_id.clone(), at: now });
            changes.push(self.append(&submission, &run));
        }
        let transaction = Transaction { changes, audit: submission.audit.clone(), idempotency: None };
        let committed = match self.state.store.write(transaction).await {
            Ok(committed) => committed,
            Err(error) => {
                let _ = reply.send(Err(fault::store(&error)));
                return;
            }
        };
        if let Some(Outcome::RunExists(run)) = committed.outcomes.first() {
            let _ = reply.send(Ok(Submitted::Known(Box::new(run.clone()))));
            return;
        }
        self.open.push(run.run_id.clone());
        let _ = reply.send(Ok(Submitted::Accepted { at: now }));
        // No event of the run may overtake the answer that names it.
        let mut submission = submission;
        let _ = tokio::time::timeout(ANSWERED, &mut submission.told).await;
        if begins {
            self.told_message(&submission, &committed.outcomes);
            self.begin(submission, Run { started_at: Some(now), state: RunState::Running, ..run }, Vec::new()).await;
        } else {
            self.waiting.push_back(Waiting { submission, run });
        }
    }

    async fn is_known(&mut self, run_id: &RunId) -> bool {
        let run_id = run_id.clone();
        matches!(self.state.store.read(move |reader| reader.get_run(&run_id)).await, Ok(Some(_)))
    }

    fn fresh_session(&self, submission: &Submission, now: i64) -> Session {
        rows::fresh_session(
            &self.state,
            &self.key,
            &submission.agent.id,
            submission.label.clone(),
            SessionSettings::default(),
            now,
        )
    }

    fn append(&self, submission: &Submission, run: &Run) -> Change {
        Change::AppendMessages {
            key: self.key.clone(),
            messages: vec![NewMessage {
                id: self.state.ids.uuid(),
                run_id: Some(run.run_id.clone()),
                body: submission.message.clone(),
            }],
            totals_add: Totals::default(),
            aborted_last_run: None,
        }
    }

    fn told_message(&self, submission: &Submission, outcomes: &[Outcome]) {
        let seq = outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Messages { last_seq, .. } => Some(*last_seq),
            _ => None,
        });
        self.state.hub.publish(Event::SessionMessage(SessionMessage {
            session_key: self.key.clone(),
            agent_id: submission.agent.id.clone(),
            message: Arc::new(submission.message.clone()),
            message_seq: seq.unwrap_or(0),
        }));
    }

    /// Begins the turn that waits longest; in `collect` mode together with all that wait behind it.
    async fn start_waiting(&mut self) {
        let Some(Waiting { submission, run }) = self.waiting.pop_front() else { return };
        let now = self.state.clock.now_ms();
        let changes = vec![Change::StartRun { run_id: run.run_id.clone(), at: now }, self.append(&submission, &run)];
        let audit = self.audit("run.started", &run.run_id, &submission.principal, "ok");
        match self.state.store.write(Transaction { changes, audit, idempotency: None }).await {
            Ok(committed) => {
                self.told_message(&submission, &committed.outcomes);
                let joined = match submission.queue_mode {
                    QueueMode::Collect => self.collect().await,
                    QueueMode::Followup | QueueMode::Interrupt => Vec::new(),
                };
                self.begin(submission, Run { started_at: Some(now), state: RunState::Running, ..run }, joined).await;
            }
            Err(error) => {
                warn!(run_id = %run.run_id, %error, "a run could not begin");
                let waiting = Waiting { submission, run };
                self.drop_waiting(waiting, RunState::Error, "the store did not take it").await;
            }
        }
    }

    /// Adds what waits in `collect` mode to the transcript of the turn that begins; those runs end with it.
    async fn collect(&mut self) -> Vec<Run> {
        let (collected, kept): (VecDeque<Waiting>, VecDeque<Waiting>) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|waiting| waiting.submission.queue_mode == QueueMode::Collect);
        self.waiting = kept;
        let mut joined = Vec::new();
        for Waiting { submission, run } in collected {
            let now = self.state.clock.now_ms();
            let changes =
                vec![Change::StartRun { run_id: run.run_id.clone(), at: now }, self.append(&submission, &run)];
            let audit = self.audit("run.collected", &run.run_id, &submission.principal, "ok");
            match self.state.store.write(Transaction { changes, audit, idempotency: None }).await {
                Ok(committed) => {
                    self.told_message(&submission, &committed.outcomes);
                    joined.push(Run { started_at: Some(now), state: RunState::Running, ..run });
                }
                Err(error) => {
                    warn!(run_id = %run.run_id, %error, "a run could not be collected");
                    let waiting = Waiting { submission, run };
                    self.drop_waiting(waiting, RunState::Error, "the store did not take it").await;
                }
            }
        }
        joined
    }

    /// Asks the model.
    async fn begin(&mut self, submission: Box<Submission>, run: Run, joined: Vec<Run>) {
        let state = Arc::clone(&self.state);
        let key = self.key.clone();
        let read = state.store.read(move |reader| {
            let session = reader.get_session(&key)?;
            let lines = reader.messages(&key, &MessageQuery { limit: context::LINES, ..MessageQuery::default() })?;
            Ok((session, lines))
        });
        let (session, models, steps) = match read.await {
            Ok((session, lines)) => {
                let settings = session.as_ref().map(|session| session.settings.clone()).unwrap_or_default();
                let models = asked::models(&state, &submission, &settings);
                let steps = asked::steps(&state, &submission, &settings, &models, lines);
                (session, models, steps)
            }
            Err(error) => {
                let model = state.agent_model(&submission.agent);
                let failed = Failure::of(
                    model.clone(),
                    Error::Settings { key: "the store".to_owned(), what: error.to_string() },
                );
                (None, vec![model], futures_util::stream::iter([Err(failed)]).boxed())
            }
        };
        let usual = Duration::from_secs(state.active().loaded.config.agents.defaults.timeout_seconds);
        let timeout = submission.timeout_ms.map_or(usual, Duration::from_millis).min(FAR);
        let wanted = models.into_iter().next().unwrap_or_else(|| state.agent_model(&submission.agent));
        let mut live = Live::new((run, joined), submission.agent.id.clone(), wanted, steps, timeout);
        live.trace = submission.trace;
        state.metrics.runs_active.inc();
        state.runs.began(&self.key, &live.run.run_id);
        let at = live.run.started_at.unwrap_or_else(|| state.clock.now_ms());
        live.told_step(&state, "lifecycle", Live::lifecycle("start", at));
        rows::told_status(&state, &live.agent, "busy", &format!("Working in {}", self.key));
        if let Some(session) = &session {
            rows::told(&state, &self.key, Some(session), "run");
        }
        self.live = Some(live);
    }

    /// Ends the turn at work, keeps what came of it, and tells everybody.
    async fn end(&mut self, ending: Ending) {
        let Some(mut live) = self.live.take() else { return };
        let state = Arc::clone(&self.state);
        let mut steps = std::mem::replace(&mut live.steps, futures_util::stream::empty().boxed());
        if matches!(ending, Ending::Done(_)) {
            // Read to its end, so that the connection can serve the next turn.
            state.tasks.spawn("drain", async move {
                let drained = async { while steps.next().await.is_some() {} };
                let _ = tokio::time::timeout(DRAIN, drained).await;
            });
        } else {
            // Closes the connection to the model before anything is awaited.
            drop(steps);
        }
        live.tell(&state);
        let now = state.clock.now_ms();
        let end = Ended::of(&ending);
        let failure = if let Ending::Failed(failure) = &ending { Some(&**failure) } else { None };
        let outcome = live.outcome(&end, failure);
        let message = live.message(&end, now);
        let message_id = state.ids.uuid();
        let keeps_message = live.has_text() || end.state == RunState::Error;
        let duration_ms = outcome.duration_ms;
        let messages = keeps_message
            .then(|| NewMessage { id: message_id, run_id: Some(live.run.run_id.clone()), body: message.clone() })
            .into_iter()
            .collect();
        let (usage, last) = live.usage();
        let totals = Totals {
            input: usage.input,
            output: usage.output,
            cache_read: usage.cache_read,
            cache_write: usage.cache_write,
            reasoning: usage.reasoning,
            total_tokens: usage.total(),
            context_tokens: last.total(),
            cost: outcome.usage.cost().unwrap_or(0.0),
        };
        let kept = serde_json::to_value(&outcome).ok();
        let cut = matches!(end.state, RunState::Aborted | RunState::Interrupted);
        let key = self.key.clone();
        let mut changes =
            vec![Change::AppendMessages { key: key.clone(), messages, totals_add: totals, aborted_last_run: None }];
        changes.extend(live.run_ids().map(|run_id| Change::EndRun {
            run_id: run_id.clone(),
            state: end.state,
            at: now,
            outcome: kept.clone(),
        }));
        changes.push(Change::Used(Box::new(live.used(&outcome, end.state == RunState::Error, now, &key))));
        // Last, so that what comes of it is the session as it is told.
        let patch = SessionPatch { aborted_last_run: Some(cut), ..SessionPatch::default() };
        changes.push(Change::PatchSession { key, patch, create: None });
        let mut audit = self.audit(
            end.audit,
            &live.run.run_id,
            &live.run.principal,
            if end.state == RunState::Error { "error" } else { "ok" },
        );
        audit.reason.clone_from(&end.error);
        for (name, value) in [
            ("model", json!(live.model.to_string())),
            ("attempts", json!(outcome.attempts)),
            ("totalTokens", json!(usage.total())),
            ("durationMs", json!(duration_ms)),
        ] {
            audit.detail[name] = value;
        }
        let committed = self.keep(Transaction { changes, audit: audit.clone(), idempotency: None }).await;
        let ended = match &committed {
            Some(committed) => ended_runs(&committed.outcomes),
            None => {
                let runs = std::iter::once(&live.run).chain(&live.joined).cloned().collect();
                self.keep_end_alone(runs, now, audit).await
            }
        };
        state.metrics.runs_active.dec();
        state.metrics.runs_ended.inc();
        state.metrics.tokens_read.inc_by(usage.total().saturating_sub(usage.output));
        state.metrics.tokens_written.inc_by(usage.output);
        state.metrics.cost.inc_by(outcome.usage.cost().unwrap_or(0.0).max(0.0));
        let mut chat = live.chat_end(end.chat);
        chat.stop_reason = Some(end.stop_reason.to_owned());
        chat.error_message = end.error.clone();
        chat.error_kind = end.kind;
        chat.error_detail.clone_from(&end.detail);
        if let Some(committed) = &committed {
            if keeps_message {
                if end.state != RunState::Error {
                    chat.message = Some(Arc::new(message.clone()));
                }
                chat.usage = serde_json::to_value(outcome.usage).ok().map(Arc::new);
                if let Some(Outcome::Messages { last_seq, .. }) = committed.outcomes.first() {
                    let (session_key, agent_id) = (self.key.clone(), live.agent.clone());
                    let mut message = message;
                    super::message::place(&mut message, Some(message_id), *last_seq, Some(&live.run.run_id), now);
                    state.hub.publish(Event::SessionMessage(SessionMessage {
                        session_key,
                        agent_id,
                        message: Arc::new(message),
                        message_seq: *last_seq,
                    }));
                }
            }
        } else {
            chat.state = ChatState::Error;
            chat.error_message = Some(NOT_KEPT.to_owned());
        }
        let mut lifecycle = Live::lifecycle(if end.chat == ChatState::Error { "error" } else { "end" }, now);
        if let Some(error) = &end.error {
            lifecycle["error"] = json!(error);
        }
        if cut {
            lifecycle["aborted"] = json!(true);
        }
        info!(
            run_id = %live.run.run_id, session = %self.key, source = %live.agent, state = end.state.as_str(), duration_ms,
            model = %live.model, trace_id = live.trace_id().map(field::display), "Run ended"
        );
        state.runs.no_longer_active(&self.key);
        live.told_end(&state, chat, lifecycle);
        self.open.retain(|open| !live.run_ids().any(|run_id| run_id == open));
        for run in &ended {
            state.runs.tell(run);
        }
        let status = if end.state == RunState::Error { "error" } else { "idle" };
        rows::told_status(&state, &live.agent, status, end.activity);
        let session = committed.as_ref().and_then(|committed| match committed.outcomes.last() {
            Some(Outcome::Session(session)) => Some(session),
            _ => None,
        });
        if let Some(session) = session {
            rows::told(&state, &self.key, Some(session), "run");
        }
        state.health.touch();
    }

    /// Keeps the end of a turn; a store that is busy is asked again.
    async fn keep(&mut self, transaction: Transaction) -> Option<Committed> {
        let mut waits = ASK_AGAIN.iter();
        loop {
            match (self.state.store.write(transaction.clone()).await, waits.next()) {
                (Ok(committed), _) => return Some(committed),
                (Err(openclaw_store::Error::Busy { .. } | openclaw_store::Error::Unavailable { .. }), Some(wait)) => {
                    tokio::time::sleep(*wait).await;
                }
                (Err(error), _) => {
                    warn!(session = %self.key, %error, "the end of a run could not be kept");
                    return None;
                }
            }
        }
    }

    /// Ends the runs of a turn whose reply the store does not take, for example because its session is gone. What cannot be
    /// kept at all counts as interrupted at the next start.
    async fn keep_end_alone(&mut self, runs: Vec<Run>, at: i64, mut audit: AuditEvent) -> Vec<Run> {
        let outcome = json!({ "status": "error", "error": NOT_KEPT });
        let end = |run: &Run| {
            let (run_id, outcome) = (run.run_id.clone(), Some(outcome.clone()));
            Change::EndRun { run_id, state: RunState::Error, at, outcome }
        };
        audit.event = "run.error".to_owned();
        audit.outcome = "error".to_owned();
        audit.reason = Some(NOT_KEPT.to_owned());
        let changes = runs.iter().map(end).collect();
        if let Some(committed) = self.keep(Transaction { changes, audit, idempotency: None }).await {
            return ended_runs(&committed.outcomes);
        }
        let lost = |run: &Run| {
            let (ended_at, outcome) = (Some(at), Some(outcome.clone()));
            Run { state: RunState::Error, ended_at, outcome, ..run.clone() }
        };
        runs.iter().map(lost).collect()
    }

    /// Ends a turn that never began.
    async fn drop_waiting(&mut self, waiting: Waiting, run_state: RunState, why: &str) {
        let now = self.state.clock.now_ms();
        let outcome = json!({ "status": "error", "error": why, "input": waiting.submission.message });
        let changes = vec![
            Change::EndRun { run_id: waiting.run.run_id.clone(), state: run_state, at: now, outcome: Some(outcome) },
            Change::PatchSession {
                key: self.key.clone(),
                patch: SessionPatch { aborted_last_run: Some(true), ..SessionPatch::default() },
                create: None,
            },
        ];
        let audit = self.audit("run.dropped", &waiting.run.run_id, &waiting.submission.principal, "ok");
        match self.state.store.write(Transaction { changes, audit, idempotency: None }).await {
            Ok(committed) => ended_runs(&committed.outcomes).iter().for_each(|run| self.state.runs.tell(run)),
            Err(error) => warn!(run_id = %waiting.run.run_id, %error, "a waiting run could not be ended"),
        }
        self.open.retain(|open| *open != waiting.run.run_id);
        self.state.hub.publish(Event::ChatEnd(ChatEnd {
            run_id: waiting.run.run_id,
            session_key: self.key.clone(),
            agent_id: waiting.submission.agent.id,
            seq: 1,
            state: if run_state == RunState::Error { ChatState::Error } else { ChatState::Aborted },
            message: None,
            stop_reason: None,
            error_message: Some(why.to_owned()),
            error_kind: None,
            error_detail: None,
            usage: None,
        }));
    }

    fn audit(&self, event: &str, run_id: &RunId, principal: &str, outcome: &str) -> AuditEvent {
        audit(&self.key, event, run_id, principal, outcome)
    }
}

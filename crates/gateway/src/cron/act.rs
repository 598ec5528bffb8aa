//! Does what an occurrence is for, and keeps its end.

use std::sync::Arc;

use openclaw_core::{
    cron::{DeliveryMode, DeliveryStatus, Ended, Job, Occurrence, OccurrenceState, Payload, Source, Target, Wake},
    record::{AuditEvent, Run, RunState, SessionSettings, Totals},
};
use openclaw_protocol::{
    AgentId, RunId, SessionKey, WireError,
    event::{ChatEnd, ChatState, Event, SessionMessage},
};
use openclaw_store::{
    Change, Committed, Error, NewMessage, Outcome, Transaction,
    cron::{AfterEnd, CronChange, CronOutcome, End},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::oneshot;
use tracing::warn;

use super::told;
use crate::{
    audit::gateway_audit,
    heartbeat, rows,
    runs::{self, QueueMode, RunOutcome, Runs, Submission, Submitted},
    state::State,
    turn,
};

/// Characters of what was said that the history keeps.
const SUMMARY: usize = 2000;
/// Waits before a busy store is asked again to keep the end of an occurrence, milliseconds.
const ASK_AGAIN: [u64; 4] = [50, 200, 800, 3000];
/// Wait before something that failed otherwise is tried again.
const AGAIN: std::time::Duration = std::time::Duration::from_secs(1);
/// Replies that mean that there is nothing to tell.
const SILENT: [&str; 2] = ["NO_REPLY", "HEARTBEAT_OK"];

/// Runs the occurrences of a job one after the other. Gives when the job is due next.
pub(super) async fn all(state: &Arc<State>, job: Job, occurrences: Vec<Occurrence>) -> Option<i64> {
    let mut next = job.state.due_at();
    for occurrence in occurrences {
        if let Some(after) = one(state, &job, occurrence).await {
            next = after.state.due_at().filter(|_| after.enabled);
        }
    }
    next
}

/// Runs one. Gives the job as it is afterwards, when it is still there.
async fn one(state: &Arc<State>, job: &Job, occurrence: Occurrence) -> Option<Job> {
    match &job.payload {
        Payload::SystemEvent { text } => event(state, job, &occurrence, text).await,
        Payload::AgentTurn { message, .. } => ask(state, job, occurrence, message).await,
    }
}

/// The agent that does a job.
pub(crate) fn agent_of(state: &State, job: &Job) -> AgentId {
    let of_session = || job.session_key.as_ref().and_then(SessionKey::agent);
    job.agent_id.clone().or_else(of_session).unwrap_or_else(|| state.default_agent())
}

/// The session that is told of events and results of a job.
pub(crate) fn told_session(state: &State, job: &Job) -> SessionKey {
    let agent = agent_of(state, job);
    match &job.session_key {
        Some(key) => key.canonical(&agent),
        None => heartbeat::main_session(&agent),
    }
}

/// The session in which a job asks its agent.
fn asked_session(state: &State, job: &Job) -> SessionKey {
    let agent = agent_of(state, job);
    match &job.target {
        Target::Session(key) => key.canonical(&agent),
        Target::Main => heartbeat::main_session(&agent),
        Target::Isolated => SessionKey::new(format!("agent:{agent}:cron:{}", job.id))
            .unwrap_or_else(|_| heartbeat::main_session(&agent)),
    }
}

/// Tells the agent something. The telling and the end of the occurrence are one transaction, so it is told once.
async fn event(state: &Arc<State>, job: &Job, occurrence: &Occurrence, text: &str) -> Option<Job> {
    let key = told_session(state, job);
    let now = state.clock.now_ms();
    let tell = Change::Cron(CronChange::Tell { session_key: key.clone(), text: text.to_owned(), at: now });
    let ended = Ended {
        summary: Some(clip(text)),
        delivery: Some(DeliveryStatus::NotRequested),
        session_key: Some(key.clone()),
        ..Ended::default()
    };
    let kept = end(state, job, occurrence, OccurrenceState::Ok, ended, vec![tell]).await;
    match kept {
        Ok((after, _)) => {
            state.cron.events.added(&key);
            if job.wake == Wake::Now {
                heartbeat::wake(state, &key);
            }
            after
        }
        Err(error) => {
            let ended = Ended { error: Some(error.to_string()), ..Ended::default() };
            end(state, job, occurrence, OccurrenceState::Error, ended, Vec::new()).await.ok().and_then(|(job, _)| job)
        }
    }
}

/// Asks the agent, waits for the end, and tells the result.
async fn ask(state: &Arc<State>, job: &Job, occurrence: Occurrence, message: &str) -> Option<Job> {
    let key = asked_session(state, job);
    let run = match known_run(state, &occurrence.run_id).await {
        // A crash came between the run and the end of its occurrence.
        Some(run) if run.state.ended() => Ok(run),
        _ => {
            let begun = occurrence.state != OccurrenceState::Claimed || begin(state, job, &occurrence).await;
            if !begun {
                return None;
            }
            submit(state, job, &key, &occurrence.run_id, message).await
        }
    };
    let (run_state, ended, also) = match run {
        Ok(run) => outcome(state, job, &key, &run).await,
        Err(error) => {
            let delivery = Some(delivery_wanted(job));
            let ended =
                Ended { error: Some(error.message.to_string()), delivery, session_key: Some(key), ..Ended::default() };
            (OccurrenceState::Error, ended, Vec::new())
        }
    };
    let announced = !also.is_empty();
    match end(state, job, &occurrence, run_state, ended.clone(), also).await {
        Ok((after, committed)) => {
            if announced {
                tell_announced(state, job, &committed);
            }
            after
        }
        // The result could not be told, for example because its session is full: the run itself is over all the same.
        Err(error) if announced => {
            let ended = Ended { delivery: Some(DeliveryStatus::NotDelivered), error: Some(error.to_string()), ..ended };
            end(state, job, &occurrence, run_state, ended, Vec::new()).await.ok().and_then(|(job, _)| job)
        }
        Err(_) => None,
    }
}

async fn known_run(state: &State, name: &str) -> Option<Run> {
    let run_id = RunId::new(name).ok()?;
    state.store.read(move |reader| reader.get_run(&run_id)).await.ok().flatten()
}

/// Keeps that the work begins, and tells it.
async fn begin(state: &State, job: &Job, occurrence: &Occurrence) -> bool {
    let change = CronChange::Begin { run_id: occurrence.run_id.clone(), at: state.clock.now_ms() };
    let audit = audit("cron.started", job, occurrence, "ok");
    let transaction = Transaction { changes: vec![Change::Cron(change)], audit, idempotency: None };
    match keep(state, transaction).await {
        Ok(committed) => {
            if let Some(Outcome::Cron(CronOutcome::Begun(occurrence, after))) = committed.outcomes.into_iter().next() {
                let after = after.map(|after| after.whole());
                told::publish(state, "started", job.id, after.as_ref(), Some(&occurrence));
            }
            true
        }
        Err(error) => {
            warn!(job = %job.id, %error, "a scheduled run could not begin; trying again");
            tokio::time::sleep(AGAIN).await;
            false
        }
    }
}

/// Submits the turn and waits for its end.
async fn submit(
    state: &Arc<State>,
    job: &Job,
    key: &SessionKey,
    run_id: &str,
    message: &str,
) -> Result<Run, WireError> {
    let Payload::AgentTurn { model, fallbacks, thinking, timeout_seconds, .. } = &job.payload else {
        return Err(WireError::params("the job asks nobody"));
    };
    let agent = state.agent(&agent_of(state, job))?;
    let run_id = RunId::new(run_id).map_err(|error| WireError::params(error.to_string()))?;
    let now = state.clock.now_ms();
    let also = match job.target {
        Target::Isolated => vec![Change::Cron(CronChange::Afresh { key: key.clone(), session_id: state.ids.uuid() })],
        Target::Main | Target::Session(_) => Vec::new(),
    };
    let (_, told) = oneshot::channel();
    let detail = json!({ "runId": run_id, "jobId": job.id, "bytes": message.len() });
    let submission = Submission {
        run_id: run_id.clone(),
        session_key: key.clone(),
        agent,
        message: runs::user(message, &[], run_id.as_str(), now),
        queue_mode: QueueMode::Followup,
        model: model.clone(),
        fallbacks: fallbacks.clone(),
        thinking: thinking.clone(),
        limits: runs::Limits::default(),
        extra_system_prompt: None,
        label: None,
        timeout_ms: timeout_seconds.filter(|seconds| *seconds > 0).map(|seconds| seconds.saturating_mul(1000)),
        request_hash: hash(key, message),
        principal: format!("cron:{}", job.id),
        trace: None,
        audit: AuditEvent { target: Some(key.to_string()), ..gateway_audit("run.accepted", detail) },
        told,
        also,
    };
    match Runs::submit(state, submission).await? {
        Submitted::Known(run) if run.state.ended() => return Ok(*run),
        Submitted::Known(_) | Submitted::Accepted { .. } => {}
    }
    match turn::ended_run(state, &run_id, None).await? {
        Some(run) => Ok(run),
        None => Err(WireError::unavailable(openclaw_protocol::detail::INTERNAL, "the end of the run was lost")),
    }
}

fn hash(key: &SessionKey, message: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(key.as_str());
    hash.update([0]);
    hash.update(message);
    openclaw_core::hex(&hash.finalize())
}

/// What came of a run, and the changes that tell it.
async fn outcome(state: &State, job: &Job, key: &SessionKey, run: &Run) -> (OccurrenceState, Ended, Vec<Change>) {
    let came = RunOutcome::of(run);
    let wanted = delivery_wanted(job);
    let text = came.text.trim().to_owned();
    let (read, written) = came.usage.read_and_written();
    let session_key = key.clone();
    let session = state.store.read(move |reader| reader.get_session(&session_key)).await.ok().flatten();
    let mut ended = Ended {
        summary: (!text.is_empty()).then(|| clip(&text)),
        delivery: Some(wanted),
        session_key: Some(key.clone()),
        session_id: session.map(|session| session.session_id),
        provider: Some(came.provider.clone()).filter(|provider| !provider.is_empty()),
        model: Some(came.model.clone()).filter(|model| !model.is_empty()),
        tokens: (read + written > 0).then_some((read, written)),
        ..Ended::default()
    };
    match run.state {
        RunState::Final => {}
        RunState::Interrupted => {
            ended.error = Some(clip(&turn::error_text(run)));
            return (OccurrenceState::Interrupted, ended, Vec::new());
        }
        _ => {
            ended.error = Some(clip(&turn::error_text(run)));
            return (OccurrenceState::Error, ended, Vec::new());
        }
    }
    if wanted == DeliveryStatus::NotRequested {
        return (OccurrenceState::Ok, ended, Vec::new());
    }
    if text.is_empty() || SILENT.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        ended.delivery = Some(DeliveryStatus::NotDelivered);
        ended.suppressed = Some(if text.is_empty() { "empty" } else { "silent" }.to_owned());
        return (OccurrenceState::Ok, ended, Vec::new());
    }
    ended.delivery = Some(DeliveryStatus::Delivered);
    let to = told_session(state, job);
    // What was said there was told there.
    let also = if to == *key { Vec::new() } else { announcement(state, job, &to, &text) };
    (OccurrenceState::Ok, ended, also)
}

/// What is to become of the result, until it is known what did.
fn delivery_wanted(job: &Job) -> DeliveryStatus {
    match job.delivery.as_ref().map(|delivery| delivery.mode) {
        Some(DeliveryMode::Announce) => DeliveryStatus::NotDelivered,
        Some(DeliveryMode::None) | None => DeliveryStatus::NotRequested,
    }
}

/// The name under which results of a job are told.
fn label(job: &Job) -> String {
    let name = job.display_name.as_ref().unwrap_or(&job.name);
    name.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn announcement(state: &State, job: &Job, to: &SessionKey, text: &str) -> Vec<Change> {
    let now = state.clock.now_ms();
    let agent = agent_of(state, job);
    let body = runs::injected(text, Some(&label(job)), now);
    vec![
        Change::EnsureSession {
            session: rows::fresh_session(state, to, &agent, None, SessionSettings::default(), now),
        },
        Change::AppendMessages {
            key: to.clone(),
            messages: vec![NewMessage { id: state.ids.uuid(), run_id: None, body }],
            totals_add: Totals::default(),
            aborted_last_run: None,
        },
        Change::PatchSession { key: to.clone(), patch: openclaw_store::SessionPatch::default(), create: None },
    ]
}

/// Tells the message that was put into a session.
fn tell_announced(state: &State, job: &Job, (message, seq, session): &Announced) {
    let (key, agent_id) = (told_session(state, job), agent_of(state, job));
    let message = Arc::new(message.clone());
    state.hub.publish(Event::SessionMessage(SessionMessage {
        session_key: key.clone(),
        agent_id: agent_id.clone(),
        message: Arc::clone(&message),
        message_seq: *seq,
    }));
    if let Ok(run_id) = RunId::new(format!("cron-told-{}-{seq}", job.id)) {
        state.hub.publish(Event::ChatEnd(ChatEnd {
            run_id,
            session_key: key.clone(),
            agent_id,
            seq: 0,
            state: ChatState::Final,
            message: Some(message),
            stop_reason: None,
            error_message: None,
            error_kind: None,
            error_detail: None,
            usage: None,
        }));
    }
    rows::told(state, &key, session.as_ref(), "message");
}

/// A message that was put into a session, its place, and the session.
type Announced = (Value, u64, Option<openclaw_core::record::Session>);

/// Keeps the end of an occurrence together with what it tells, and publishes it.
async fn end(
    state: &Arc<State>,
    job: &Job,
    occurrence: &Occurrence,
    how: OccurrenceState,
    ended: Ended,
    also: Vec<Change>,
) -> Result<(Option<Job>, Announced), Error> {
    let told: Option<Value> = also.iter().find_map(|change| match change {
        Change::AppendMessages { messages, .. } => messages.first().map(|message| message.body.clone()),
        _ => None,
    });
    let after = after(job, occurrence, how);
    let end = End { run_id: occurrence.run_id.clone(), state: how, at: state.clock.now_ms(), ended, job: after };
    let mut changes = also;
    changes.push(Change::Cron(CronChange::End(Box::new(end))));
    let outcome = if how.status() == Some("error") { "error" } else { "ok" };
    let audit = audit("cron.finished", job, occurrence, outcome);
    let committed = match keep(state, Transaction { changes, audit, idempotency: None }).await {
        Ok(committed) => committed,
        Err(error) => {
            warn!(job = %job.id, %error, "the end of a scheduled run could not be kept");
            tokio::time::sleep(AGAIN).await;
            return Err(error);
        }
    };
    let mut seq = 0;
    let (mut kept, mut session) = (None, None);
    for outcome in committed.outcomes {
        match outcome {
            Outcome::Messages { last_seq, .. } => seq = last_seq,
            Outcome::Session(of) => session = Some(of),
            Outcome::Cron(CronOutcome::Ended(occurrence, after)) => {
                let after = after.map(|after| after.whole());
                told::publish(state, "finished", job.id, after.as_ref(), Some(&occurrence));
                if after.is_none() {
                    told::publish(state, "removed", job.id, None, None);
                }
                kept = after;
            }
            _ => {}
        }
    }
    Ok((kept, (told.unwrap_or_default(), seq, session)))
}

/// What becomes of a job when one of its occurrences ends.
fn after(job: &Job, occurrence: &Occurrence, how: OccurrenceState) -> AfterEnd {
    let once = job.schedule.kind() == "at";
    match (how, occurrence.source) {
        // Whoever runs it by hand does not take its own time from it.
        (_, Source::Manual) => AfterEnd::Stays,
        (OccurrenceState::Ok, Source::Schedule) if job.delete_after_run => AfterEnd::Removed,
        (_, Source::Schedule) if once => AfterEnd::Disabled,
        (_, Source::Schedule) => AfterEnd::Stays,
    }
}

/// Writes; a store that is busy is asked again.
async fn keep(state: &State, transaction: Transaction) -> Result<Committed, Error> {
    let mut waits = ASK_AGAIN.iter();
    loop {
        match (state.store.write(transaction.clone()).await, waits.next()) {
            (Ok(committed), _) => return Ok(committed),
            (Err(Error::Busy { .. } | Error::Unavailable { .. }), Some(wait)) => {
                tokio::time::sleep(std::time::Duration::from_millis(*wait)).await;
            }
            (Err(error), _) => return Err(error),
        }
    }
}

fn audit(event: &str, job: &Job, occurrence: &Occurrence, outcome: &str) -> AuditEvent {
    let detail = json!({ "runId": occurrence.run_id, "scheduled": occurrence.scheduled });
    AuditEvent {
        target: Some(job.id.to_string()),
        outcome: outcome.to_owned(),
        actor: format!("cron:{}", job.id),
        ..gateway_audit(event, detail)
    }
}

fn clip(text: &str) -> String {
    text.chars().take(SUMMARY).collect()
}

/// Ends an occurrence whose job was removed before it began.
pub(super) async fn end_without_job(state: &Arc<State>, occurrence: &Occurrence) {
    let ended = Ended { error: Some("the job was removed".to_owned()), ..Ended::default() };
    end_alone(state, occurrence, OccurrenceState::Skipped, ended).await;
}

/// Ends an occurrence that is too late to begin.
pub(super) async fn end_missed(state: &Arc<State>, job: &Job, occurrence: &Occurrence) {
    let why = "missed 1 run: the gateway stopped before it began";
    let ended = Ended { error: Some(why.to_owned()), next_at: job.state.next_at, ..Ended::default() };
    end_alone(state, occurrence, OccurrenceState::Missed, ended).await;
}

async fn end_alone(state: &Arc<State>, occurrence: &Occurrence, how: OccurrenceState, ended: Ended) {
    let end =
        End { run_id: occurrence.run_id.clone(), state: how, at: state.clock.now_ms(), ended, job: AfterEnd::Stays };
    let detail = json!({ "runId": occurrence.run_id, "scheduled": occurrence.scheduled });
    let audit = AuditEvent { target: Some(occurrence.job_id.to_string()), ..gateway_audit("cron.finished", detail) };
    let changes = vec![Change::Cron(CronChange::End(Box::new(end)))];
    if let Err(error) = keep(state, Transaction { changes, audit, idempotency: None }).await {
        warn!(run = occurrence.run_id.as_str(), %error, "the end of a scheduled run could not be kept");
    }
}

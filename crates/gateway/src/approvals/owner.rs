//! The one task that owns what waits for people.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use openclaw_core::{
    approval::{Approval, Decision, Ending, ExecRequest, Grant, How, Input, Kind, Step, Subject},
    record::AuditEvent,
};
use openclaw_protocol::{
    RunId, SessionKey, WireError, detail,
    event::{Event, SessionApproval},
};
use openclaw_store::{ApprovalChange, Change, Error, MAX_PENDING_APPROVALS, Reader, Transaction};
use tokio::sync::{mpsc, watch};
use tracing::warn;

use super::{PER_SESSION, Request, Resolved, Waiting, shown};
use crate::{fault, state::State};

/// Longest sleep of the owner: a wall clock that is set is noticed then at the latest.
const LONGEST_SLEEP: Duration = Duration::from_secs(15);
/// Pause after a failed write of an expiry.
const PAUSE: Duration = Duration::from_secs(1);
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Something that waits, and its bell.
struct Pending {
    approval: Arc<Approval>,
    asked_on: Option<u64>,
    bell: watch::Sender<Option<Arc<Approval>>>,
}

impl Pending {
    fn new(approval: Approval, asked_on: Option<u64>) -> Self {
        Self { approval: Arc::new(approval), asked_on, bell: watch::Sender::new(None) }
    }

    fn waiting(&self) -> Waiting {
        Waiting { approval: Arc::clone(&self.approval), asked_on: self.asked_on, ended: self.bell.subscribe() }
    }
}

/// What comes to the owner, and what it starts with.
pub(crate) struct Inbox {
    requests: mpsc::Receiver<Request>,
    pending: VecDeque<Pending>,
}

impl Inbox {
    pub(super) fn new(requests: mpsc::Receiver<Request>, pending: Vec<Approval>) -> Self {
        Self { requests, pending: pending.into_iter().map(|approval| Pending::new(approval, None)).collect() }
    }

    pub(super) fn waiting(&self) -> Vec<Waiting> {
        self.pending.iter().map(Pending::waiting).collect()
    }
}

/// The owner.
pub(crate) struct Owner {
    state: Arc<State>,
    requests: mpsc::Receiver<Request>,
    pending: VecDeque<Pending>,
}

impl Owner {
    pub(crate) fn new(state: Arc<State>, inbox: Inbox) -> Self {
        Self { state, requests: inbox.requests, pending: inbox.pending }
    }

    /// Runs until the gateway stops. What waits then, waits on in the store.
    pub(crate) async fn run(mut self) {
        let stop = self.state.tasks.stop_token();
        loop {
            let sleep = self.expire().await;
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                request = self.requests.recv() => match request {
                    Some(request) => self.take(request).await,
                    None => return,
                },
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    async fn take(&mut self, request: Request) {
        match request {
            Request::Ask { approval, asked_on, audit, reply } => {
                let _ = reply.send(self.ask(*approval, asked_on, audit).await);
            }
            Request::Input { id, input, grant_days, audit, reply } => {
                let _ = reply.send(self.input(&id, input, grant_days, audit).await);
            }
            Request::Aborted(runs) => self.aborted(&runs).await,
        }
    }

    async fn ask(
        &mut self,
        approval: Approval,
        asked_on: Option<u64>,
        audit: AuditEvent,
    ) -> Result<Waiting, WireError> {
        let state = Arc::clone(&self.state);
        if self.pending.iter().any(|one| one.approval.id == approval.id) {
            let text = format!("an approval named \"{}\" waits already; use another id, or none", approval.id);
            return Err(WireError::invalid(detail::CONFLICT, text).with("id", approval.id));
        }
        if approval.is_pending() {
            let full = |what: String| Err(WireError::unavailable(detail::QUEUE_FULL, what).retryable(Some(5000)));
            if self.pending.len() >= MAX_PENDING_APPROVALS {
                return full(format!("{MAX_PENDING_APPROVALS} approvals wait; answer some first"));
            }
            let same =
                |one: &&Pending| approval.session_key.is_some() && one.approval.session_key == approval.session_key;
            if self.pending.iter().filter(same).count() >= PER_SESSION {
                return full(format!("{PER_SESSION} approvals of this session wait; answer some first"));
            }
        }
        let changes = vec![Change::Approval(ApprovalChange::Ask(Box::new(approval.clone())))];
        let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
        written.map_err(|error| fault::store(&error))?;
        let pending = Pending::new(approval, asked_on);
        let waiting = pending.waiting();
        if pending.approval.is_pending() {
            // Whoever hears of it finds it in the list.
            self.pending.push_back(pending);
            self.show(&state);
            tell_asked(&state, &waiting.approval, asked_on);
        } else {
            pending.bell.send_replace(Some(Arc::clone(&pending.approval)));
        }
        Ok(waiting)
    }

    async fn input(
        &mut self,
        id: &str,
        input: Input,
        grant_days: Option<u32>,
        audit: AuditEvent,
    ) -> Result<Resolved, WireError> {
        let state = Arc::clone(&self.state);
        let waiting = self.pending.iter().position(|one| one.approval.id == id);
        let approval = match waiting {
            Some(at) => Arc::clone(&self.pending[at].approval),
            None => {
                let id = id.to_owned();
                let found = state.store.read(move |reader: &Reader| reader.approval(&id)).await;
                match found.map_err(|error| fault::store(&error))? {
                    Some(approval) => Arc::new(approval),
                    None => return Ok(Resolved::Unknown),
                }
            }
        };
        match approval.step(&input, state.clock.now_ms()) {
            Step::Ends(ending) => {
                let grant = grant(&state, &approval, &ending, grant_days);
                match self.end(&state, &approval, ending, grant, audit).await? {
                    (approval, true) => Ok(Resolved::Applied(approval)),
                    (approval, false) => Ok(Resolved::Over(approval)),
                }
            }
            Step::Late(ending) => {
                let audit = expired(&approval);
                Ok(Resolved::Over(self.end(&state, &approval, ending, None, audit).await?.0))
            }
            Step::Repeated => Ok(Resolved::Repeated(approval)),
            Step::NotOffered => Ok(Resolved::NotOffered(approval)),
            Step::OtherKind => Ok(Resolved::OtherKind),
            Step::Over | Step::Waits => Ok(Resolved::Over(approval)),
        }
    }

    /// Writes an ending and tells it. `false` when the store knows another one, which is told instead.
    async fn end(
        &mut self,
        state: &Arc<State>,
        approval: &Arc<Approval>,
        ending: Ending,
        grant: Option<Grant>,
        audit: AuditEvent,
    ) -> Result<(Arc<Approval>, bool), WireError> {
        let end = ApprovalChange::End { id: approval.id.clone(), ending: Box::new(ending.clone()) };
        let mut changes = vec![Change::Approval(end)];
        changes.extend(grant.map(|grant| Change::Approval(ApprovalChange::Grant(Box::new(grant)))));
        let (ended, applied) = match state.store.write(Transaction { changes, audit, idempotency: None }).await {
            Ok(_) => (Approval { ending: Some(ending), ..(**approval).clone() }, true),
            // A write whose outcome was unknown came through after all.
            Err(Error::Conflict { .. }) => {
                let id = approval.id.clone();
                let found = state.store.read(move |reader: &Reader| reader.approval(&id)).await;
                match found.map_err(|error| fault::store(&error))? {
                    Some(found) if !found.is_pending() => (found, false),
                    _ => return Err(WireError::unavailable(detail::INTERNAL, "the approval did not end; try again")),
                }
            }
            Err(error) => return Err(fault::store(&error)),
        };
        let ended = Arc::new(ended);
        if let Some(at) = self.pending.iter().position(|one| one.approval.id == ended.id)
            && let Some(pending) = self.pending.remove(at)
        {
            self.show(state);
            tell_ended(state, &ended);
            pending.bell.send_replace(Some(Arc::clone(&ended)));
        }
        Ok((ended, applied))
    }

    /// Ends what nobody answered in time; how long nothing more can expire.
    async fn expire(&mut self) -> Duration {
        let state = Arc::clone(&self.state);
        loop {
            let now = state.clock.now_ms();
            let Some(first) = self.pending.iter().min_by_key(|one| one.approval.expires_at) else {
                return LONGEST_SLEEP;
            };
            let approval = Arc::clone(&first.approval);
            let Step::Ends(ending) = approval.step(&Input::Tick, now) else {
                let left = u64::try_from(approval.expires_at - now).unwrap_or(1).max(1);
                return Duration::from_millis(left).min(LONGEST_SLEEP);
            };
            let audit = expired(&approval);
            if let Err(error) = self.end(&state, &approval, ending, None, audit).await {
                warn!(%error, id = %approval.id, "An approval that is over could not be stored; it is tried again");
                return PAUSE;
            }
        }
    }

    async fn aborted(&mut self, runs: &[RunId]) {
        let of = |approval: &Approval| runs.iter().any(|run| approval.run_id.as_deref() == Some(run.as_str()));
        let ids: Vec<String> =
            self.pending.iter().filter(|one| of(&one.approval)).map(|one| one.approval.id.clone()).collect();
        for id in ids {
            let audit = own_audit("approval.cancelled", &id, "run aborted");
            if let Err(error) = self.input(&id, Input::Abort, None, audit).await {
                warn!(%error, %id, "An approval of a run that was stopped could not be ended; it expires");
            }
        }
    }

    fn show(&self, state: &State) {
        state.approvals.pending.store(Arc::new(self.pending.iter().map(Pending::waiting).collect()));
    }
}

fn own_audit(event: &str, id: &str, reason: &str) -> AuditEvent {
    AuditEvent {
        event: event.to_owned(),
        severity: "info".to_owned(),
        actor: "gateway".to_owned(),
        ip: None,
        method: None,
        target: Some(id.to_owned()),
        outcome: "ok".to_owned(),
        reason: Some(reason.to_owned()),
        detail: serde_json::Value::Null,
    }
}

fn expired(approval: &Approval) -> AuditEvent {
    own_audit("approval.expired", &approval.id, "nobody answered in time")
}

/// The standing permission that comes of allowing a command for good.
fn grant(state: &State, approval: &Approval, ending: &Ending, days: Option<u32>) -> Option<Grant> {
    let (How::Decided(Decision::AllowAlways), Subject::Exec(request)) = (&ending.how, &approval.subject) else {
        return None;
    };
    let ExecRequest { plan, command, cwd, .. } = &**request;
    let days = days.or(state.active().loaded.config.tools.exec.grant_expiry_days);
    Some(Grant {
        id: state.ids.uuid().to_string(),
        approval_id: approval.id.clone(),
        plan: plan.clone(),
        agent_id: approval.agent_id.clone(),
        job_id: approval.session_key.as_deref().and_then(job_of).map(str::to_owned),
        command: command.clone(),
        cwd: cwd.clone(),
        created_at: ending.at,
        expires_at: days.map(|days| ending.at + i64::from(days) * DAY_MS),
        revoked_at: None,
        revoked_by: None,
        last_used_at: None,
        uses: 0,
    })
}

/// The scheduled job whose session this is.
fn job_of(key: &str) -> Option<&str> {
    key.split(':').skip_while(|part| *part != "cron").nth(1).filter(|job| !job.is_empty())
}

fn tell_asked(state: &State, approval: &Approval, asked_on: Option<u64>) {
    if approval.kind() == Kind::Question {
        state.hub.publish(Event::QuestionRequested(Arc::new(shown::question_record(approval))));
        return;
    }
    if approval.quiet {
        return;
    }
    if let Some(mut requested) = shown::requested(approval) {
        requested.asked_on = asked_on;
        state.hub.publish(Event::ApprovalRequested(Arc::new(requested)));
    }
    tell_session(state, approval, "pending", approval.created_at);
}

fn tell_ended(state: &State, approval: &Approval) {
    if approval.kind() == Kind::Question {
        state.hub.publish(Event::QuestionResolved(Arc::new(shown::question_resolved(approval))));
        return;
    }
    if approval.quiet {
        return;
    }
    if let Some(resolved) = shown::resolved(approval) {
        state.hub.publish(Event::ApprovalResolved(Arc::new(resolved)));
    }
    let at = approval.ending.as_ref().map_or(approval.expires_at, |ending| ending.at);
    tell_session(state, approval, "terminal", at);
}

fn tell_session(state: &State, approval: &Approval, phase: &'static str, at: i64) {
    // Whoever follows a session need not be one of those who are asked; these are told besides.
    if !approval.reviewers.is_empty() {
        return;
    }
    let Some(session_key) = approval.session_key.as_deref().and_then(|key| SessionKey::new(key).ok()) else { return };
    let Some(snapshot) = shown::snapshot(approval) else { return };
    let approval = Arc::new(snapshot);
    state.hub.publish(Event::SessionApproval(SessionApproval { session_key, updated_at_ms: at, phase, approval }));
}

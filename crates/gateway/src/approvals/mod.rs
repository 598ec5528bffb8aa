//! What people are asked: commands that want to run, wishes of plugins, questions of agents.
//!
//! One task owns everything that waits. It takes one thing after the other, writes it with its audit record, and only then
//! tells it; so the first word wins, and everybody hears of it in the same order. What waits survives a restart.

mod exec;
mod owner;
mod policy_file;
mod redeem;
mod shown;

use std::sync::Arc;

use arc_swap::ArcSwap;
use openclaw_core::{
    approval::{Approval, Decision, Input, Kind, Person},
    record::AuditEvent,
};
use openclaw_protocol::{Dialect, ErrorCode, RunId, Scope, SessionKey, WireError, detail};
use openclaw_store::Reader;
use tokio::sync::{mpsc, oneshot, watch};

pub(crate) use exec::{ExecAsk, PERMIT_FOR_NOBODY, Permit, permit};
pub(crate) use owner::Owner;
pub(crate) use policy_file::{PolicyFile, Snapshot};
pub(crate) use redeem::{Run, redeem, spent};
pub(crate) use shown::{answers, question_record, question_status, reason_word, requested, snapshot};

use crate::{call::Call, fault, state::State};

/// Approvals of one session that may wait at once.
pub(crate) const PER_SESSION: usize = 32;
/// Requests to the owner that wait; later ones wait for a place.
const REQUESTS: usize = 256;
/// Longest time that an approval waits, milliseconds.
pub(crate) const LONGEST_MS: u64 = 24 * 60 * 60 * 1000;

/// The way to the owner, and what waits.
#[derive(Debug)]
pub(crate) struct Approvals {
    requests: mpsc::Sender<Request>,
    /// Oldest first.
    pending: ArcSwap<Vec<Waiting>>,
    /// The policy of commands.
    pub(crate) policy: PolicyFile,
}

/// An approval that waits, and the bell that rings when it ends.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) approval: Arc<Approval>,
    /// The connection that asked, in this start of the gateway.
    asked_on: Option<u64>,
    ended: watch::Receiver<Option<Arc<Approval>>>,
}

/// What the owner is asked to do.
pub(crate) enum Request {
    /// Keep this and tell people.
    Ask {
        approval: Box<Approval>,
        asked_on: Option<u64>,
        audit: AuditEvent,
        reply: oneshot::Sender<Result<Waiting, WireError>>,
    },
    /// Something happens to one.
    Input {
        id: String,
        input: Input,
        grant_days: Option<u32>,
        audit: AuditEvent,
        reply: oneshot::Sender<Result<Resolved, WireError>>,
    },
    /// These runs were stopped.
    Aborted(Vec<RunId>),
}

/// What became of somebody's word.
#[derive(Clone, Debug)]
pub(crate) enum Resolved {
    /// It counts.
    Applied(Arc<Approval>),
    /// The same was said before.
    Repeated(Arc<Approval>),
    /// Something else was said before, or its time was over.
    Over(Arc<Approval>),
    /// There is no such approval.
    Unknown,
    /// That was not on offer.
    NotOffered(Arc<Approval>),
    /// This kind is not answered so.
    OtherKind,
}

impl Waiting {
    /// Waits for the end; `None` when the gateway stops before.
    pub(crate) async fn end(mut self) -> Option<Arc<Approval>> {
        self.ended.wait_for(Option::is_some).await.ok().and_then(|ended| ended.clone())
    }
}

impl Approvals {
    /// The handle, and the requests for the [`Owner`]. `pending`: what waited when the gateway last ended.
    pub(crate) fn new(pending: Vec<Approval>, policy: PolicyFile) -> (Self, owner::Inbox) {
        let (requests, inbox) = mpsc::channel(REQUESTS);
        let inbox = owner::Inbox::new(inbox, pending);
        let handle = Self { requests, pending: ArcSwap::from_pointee(inbox.waiting()), policy };
        (handle, inbox)
    }

    /// What waits, oldest first.
    pub(crate) fn pending(&self) -> Arc<Vec<Waiting>> {
        self.pending.load_full()
    }

    /// One of these that waits.
    pub(crate) fn waiting(&self, id: &str, kinds: &[Kind]) -> Option<Waiting> {
        let pending = self.pending.load();
        pending.iter().find(|one| one.approval.id == id && kinds.contains(&one.approval.kind())).cloned()
    }

    /// Keeps something that is asked and tells people. It is on stable storage when this returns.
    pub(crate) async fn ask(
        &self,
        approval: Approval,
        asked_on: Option<u64>,
        audit: AuditEvent,
    ) -> Result<Waiting, WireError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Ask { approval: Box::new(approval), asked_on, audit, reply }).await?;
        answer.await.map_err(|_| stopping())?
    }

    /// Somebody says something to one.
    pub(crate) async fn input(
        &self,
        id: String,
        input: Input,
        grant_days: Option<u32>,
        audit: AuditEvent,
    ) -> Result<Resolved, WireError> {
        let (reply, answer) = oneshot::channel();
        self.send(Request::Input { id, input, grant_days, audit, reply }).await?;
        answer.await.map_err(|_| stopping())?
    }

    /// These runs were stopped: what they asked is over.
    pub(crate) async fn aborted(&self, runs: Vec<RunId>) {
        if !runs.is_empty() && self.pending.load().iter().any(|one| one.approval.run_id.is_some()) {
            let _ = self.send(Request::Aborted(runs)).await;
        }
    }

    async fn send(&self, request: Request) -> Result<(), WireError> {
        self.requests.send(request).await.map_err(|_| stopping())
    }

    /// The approvals of commands and plugins that wait in a session.
    pub(crate) fn of_session(&self, key: &SessionKey) -> Vec<Arc<Approval>> {
        let pending = self.pending.load();
        let of = |one: &&Waiting| {
            one.approval.session_key.as_deref() == Some(key.as_str()) && one.approval.kind() != Kind::Question
        };
        pending.iter().filter(of).map(|one| Arc::clone(&one.approval)).collect()
    }
}

/// The gateway stops while somebody waits for people.
pub(crate) fn stopping() -> WireError {
    let text = "the gateway is stopping; what was asked keeps waiting, so ask for its decision again after the restart";
    WireError::unavailable(detail::SHUTTING_DOWN, text).retryable(Some(1000))
}

/// The caller, as approvals name people.
pub(crate) fn person(call: &Call) -> Person {
    let principal = call.principal();
    Person {
        principal: principal.audit_name(),
        device_id: principal.device_id().map(ToString::to_string),
        name: principal.client_id().to_owned(),
    }
}

/// The approval with this id, waiting or ended, if it is one of these kinds.
pub(crate) async fn find(state: &State, id: &str, kinds: &[Kind]) -> Result<Option<Arc<Approval>>, WireError> {
    if let Some(waiting) = state.approvals.waiting(id, kinds) {
        return Ok(Some(waiting.approval));
    }
    let id = id.to_owned();
    let found =
        state.store.read(move |reader: &Reader| reader.approval(&id)).await.map_err(|error| fault::store(&error))?;
    Ok(found.filter(|approval| kinds.contains(&approval.kind())).map(Arc::new))
}

/// Whether the caller may look at it: those who are asked, whoever asked, and administrators.
pub(crate) fn may_see(call: &Call, approval: &Approval) -> bool {
    let principal = call.principal();
    approval.asks(principal.device_id().map(openclaw_protocol::DeviceId::as_str))
        || approval.asked_by.principal == principal.audit_name()
        || principal.may(Scope::Admin)
}

/// Where people sit; and before dialect 4, whose clients ask and answer on one connection.
fn may_answer_itself(call: &Call) -> bool {
    call.dialect() != Dialect::V4 || call.conn().view.ui || call.principal().client_mode() == "webchat"
}

/// Somebody decides about a command or a plugin's wish.
pub(crate) async fn decide(
    call: &Call,
    method: &str,
    id: &str,
    kinds: &[Kind],
    decision: Decision,
    grant_days: Option<u32>,
) -> Result<Resolved, WireError> {
    let state = call.state();
    if let Some(waiting) = state.approvals.waiting(id, kinds)
        && waiting.asked_on == Some(call.conn().number.number())
        && !may_answer_itself(call)
    {
        let text = "the connection that asked cannot answer itself; another client must";
        return Err(WireError::new(ErrorCode::Forbidden, detail::SELF_APPROVAL, text));
    }
    let Some(known) = find(state, id, kinds).await? else { return Ok(Resolved::Unknown) };
    if !known.asks(call.principal().device_id().map(openclaw_protocol::DeviceId::as_str)) {
        let text = "only the devices that were asked may answer this approval";
        return Err(WireError::new(ErrorCode::Forbidden, "APPROVAL_NOT_YOURS", text).with("id", id));
    }
    let mut audit = call.audit(
        "approval.resolved",
        method,
        Some(known.id.clone()),
        serde_json::json!({ "kind": known.kind().as_str(), "decision": decision.as_str(), "askedBy": known.asked_by.principal }),
    );
    if decision == Decision::Deny {
        audit.reason = Some("denied".to_owned());
    }
    let input = Input::Decide(decision, person(call));
    state.approvals.input(id.to_owned(), input, grant_days, audit).await
}

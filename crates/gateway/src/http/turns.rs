//! A turn of an agent that an HTTP request asked for: begun like any other, read as it comes, and stopped when its reader goes away.

use std::sync::Arc;

use openclaw_core::record::{Run, SessionSettings, Totals};
use openclaw_protocol::{AgentId, RunId, SessionKey, TraceParent, WireError, detail};
use openclaw_store::{Change, NewMessage, Transaction};
use serde_json::json;
use tokio::sync::watch;

use super::{caller::Caller, exchange, sse};
use crate::{
    access::Counted,
    agent_tokens, fault, rows, runs,
    runs::Runs,
    state::State,
    turn::{self, Ask, Attachment},
};

/// Who said something before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A person.
    User,
    /// The agent.
    Assistant,
}

/// A turn as an HTTP request asks for it.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) method: &'static str,
    pub(super) agent: AgentId,
    pub(super) session: SessionKey,
    pub(super) text: String,
    pub(super) attachments: Vec<Attachment>,
    /// What was said before, for a session that has no past of its own.
    pub(super) past: Vec<(Said, String)>,
    /// Added to the agent's system prompt.
    pub(super) system: Option<String>,
    /// `provider/model` for this turn.
    pub(super) model: Option<String>,
    pub(super) thinking: Option<String>,
    /// What is asked of this answer alone.
    pub(super) limits: runs::Limits,
    pub(super) timeout_ms: Option<u64>,
    pub(super) run_id: RunId,
}

/// A turn at work. Dropping it stops the turn.
pub(super) struct Turn {
    state: Arc<State>,
    call: crate::call::Call,
    pub(super) run_id: RunId,
    pub(super) session: SessionKey,
    text: watch::Receiver<Arc<str>>,
    /// Bytes of the text that were given out.
    given: usize,
    ended: bool,
    /// What the request was counted for; the turn's end says whether it counts.
    counted: Option<Counted>,
}

/// What comes of a turn.
pub(super) enum Piece {
    /// More of its text.
    Text(String),
    /// Nothing for a while.
    Silence,
    /// Its end.
    End(Box<Run>),
    /// It cannot be followed to its end.
    Lost(WireError),
}

/// Begins a turn. It is on stable storage when this returns.
///
/// # Errors
/// As [`turn::submit`], and when a holder of an agent's token asks for another agent.
pub(super) async fn begin(
    state: &Arc<State>,
    caller: &Caller,
    wanted: Wanted,
    trace: Option<TraceParent>,
) -> Result<Turn, WireError> {
    agent_tokens::only_own_session(state, &caller.principal, &wanted.session)?;
    // Hooks come here without another check.
    state.audit_export.admit_change()?;
    let call = exchange::call(state, caller, trace);
    if !wanted.past.is_empty() {
        seed(&call, &wanted).await?;
    }
    let run_id = wanted.run_id;
    // Before it begins, so that nothing of it is missed.
    let text = state.runs.read_along(&run_id);
    let mut begun = Turn {
        state: Arc::clone(state),
        call: call.clone(),
        run_id: run_id.clone(),
        session: wanted.session.clone(),
        text,
        given: 0,
        // Nothing to stop yet.
        ended: true,
        counted: None,
    };
    let ask = Ask {
        method: wanted.method,
        text: wanted.text,
        attachments: wanted.attachments,
        session_key: Some(wanted.session),
        agent_id: Some(wanted.agent),
        queue_mode: Some("followup".to_owned()),
        model: wanted.model,
        thinking: wanted.thinking,
        limits: wanted.limits,
        extra_system_prompt: wanted.system,
        timeout_ms: wanted.timeout_ms,
        ..Ask::default()
    };
    let submitted = turn::submit(&call, ask, run_id).await?;
    begun.session = submitted.session_key;
    begun.ended = false;
    begun.counted = caller.counted.take();
    // The turn need not wait for an answer over HTTP, which is its own.
    call.accepted(&json!({}));
    Ok(begun)
}

/// Gives a session that nobody has spoken in its past. A session that has one keeps it.
async fn seed(call: &crate::call::Call, wanted: &Wanted) -> Result<(), WireError> {
    let (state, key, now) = (call.state(), &wanted.session, call.now_ms());
    let known = key.clone();
    let read = state.store.read(move |reader| reader.get_session(&known)).await;
    if read.map_err(|error| fault::store(&error))?.is_some() {
        return Ok(());
    }
    let said = |(said, text): &(Said, String)| NewMessage {
        id: state.ids.uuid(),
        run_id: None,
        body: match said {
            Said::User => runs::user(text, &[], "", now),
            Said::Assistant => runs::injected(text, None, now),
        },
    };
    let session = rows::fresh_session(state, key, &wanted.agent, None, SessionSettings::default(), now);
    let changes = vec![
        Change::CreateSession { session },
        Change::AppendMessages {
            key: key.clone(),
            messages: wanted.past.iter().map(said).collect(),
            totals_add: Totals::default(),
            aborted_last_run: None,
        },
    ];
    let detail = json!({ "messages": wanted.past.len() });
    let audit = call.audit("session.created", wanted.method, Some(key.to_string()), detail);
    match state.store.write(Transaction { changes, audit, idempotency: None }).await {
        // Somebody else was faster with the same request.
        Ok(_) | Err(openclaw_store::Error::Conflict { .. }) => Ok(()),
        Err(error) => Err(fault::store(&error)),
    }
}

impl Turn {
    /// What comes next. After [`Piece::End`] and [`Piece::Lost`] nothing does.
    pub(super) async fn next(&mut self) -> Piece {
        loop {
            let more = {
                let text = self.text.borrow_and_update();
                text.get(self.given..).filter(|more| !more.is_empty()).map(str::to_owned)
            };
            if let Some(more) = more {
                self.given += more.len();
                return Piece::Text(more);
            }
            match tokio::time::timeout(sse::ALIVE, self.text.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return self.end().await,
                Err(_) => return Piece::Silence,
            }
        }
    }

    /// Waits for its end.
    pub(super) async fn whole(mut self) -> Result<Run, WireError> {
        let run = turn::ended(&self.call, &self.run_id, None).await?.ok_or_else(stopping)?;
        self.over(&run);
        Ok(run)
    }

    fn over(&mut self, run: &Run) {
        self.ended = true;
        if let Some(counted) = self.counted.take() {
            counted.ended(turn::status_word(run) == "ok");
        }
    }

    /// Lets it go on without a reader.
    pub(super) fn detached(mut self) {
        self.ended = true;
    }

    /// Its end, with the text that was not given out yet before it.
    async fn end(&mut self) -> Piece {
        match turn::ended(&self.call, &self.run_id, None).await {
            Ok(Some(run)) => {
                let text = runs::RunOutcome::of(&run).text;
                if let Some(more) = text.get(self.given..).filter(|more| !more.is_empty()) {
                    self.given = text.len();
                    return Piece::Text(more.to_owned());
                }
                self.over(&run);
                Piece::End(Box::new(run))
            }
            Ok(None) => Piece::Lost(stopping()),
            Err(error) => Piece::Lost(error),
        }
    }
}

fn stopping() -> WireError {
    WireError::unavailable(detail::SHUTTING_DOWN, "the gateway is stopping").retryable(Some(1000))
}

impl Drop for Turn {
    /// Whoever asked is gone: the model goes on for nobody, and is not paid for that.
    fn drop(&mut self) {
        let run_id = self.run_id.clone();
        self.state.runs.stop_reading(&run_id);
        if self.ended {
            return;
        }
        let (state, session) = (Arc::clone(&self.state), self.session.clone());
        self.state.tasks.spawn("abandoned turn", async move {
            let _ = Runs::abort(&state, &session, Some(run_id), "disconnect").await;
        });
    }
}

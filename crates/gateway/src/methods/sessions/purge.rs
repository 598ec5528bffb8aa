//! Removing many sessions at once: of an agent that is gone, and of none.

use openclaw_store::{Change, MAX_CHANGES, Outcome, SessionQuery, Transaction};

use crate::{methods::prelude::*, rows};

/// What becomes of what was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::methods) enum Transcripts {
    /// Kept among the archives.
    Kept,
    /// Removed.
    Removed,
}

/// Removes every session of an agent; how many there were.
pub(in crate::methods) async fn of_agent<M: Method>(
    call: &Call,
    agent: &AgentId,
    transcripts: Transcripts,
) -> Result<usize, WireError> {
    let state = call.state();
    let mut removed = 0;
    loop {
        let query = SessionQuery { agent: Some(agent.clone()), limit: MAX_CHANGES / 2, ..SessionQuery::default() };
        let page = state.store.read(move |reader| reader.list_sessions(&query)).await;
        let page = page.map_err(|error| fault::store(&error))?;
        // A page may hold a few more than it was asked for.
        let keys: Vec<SessionKey> = page.sessions.into_iter().take(MAX_CHANGES).map(|session| session.key).collect();
        if keys.is_empty() {
            return Ok(removed);
        }
        removed += these::<M>(call, &keys, transcripts).await?;
    }
}

/// Removes these sessions, at most [`MAX_CHANGES`], in one transaction; how many there were.
pub(in crate::methods) async fn these<M: Method>(
    call: &Call,
    keys: &[SessionKey],
    transcripts: Transcripts,
) -> Result<usize, WireError> {
    let state = call.state();
    let keep_transcript = transcripts == Transcripts::Kept;
    let detail = json!({ "sessions": keys.len(), "keptTranscript": keep_transcript });
    let audit = call.audit("session.deleted", M::NAME, None, detail);
    let changes = keys.iter().map(|key| Change::DeleteSession { key: key.clone(), keep_transcript }).collect();
    let committed = state.store.write(Transaction { changes, audit, idempotency: None }).await;
    let committed = committed.map_err(|error| fault::store(&error))?;
    let mut removed = 0;
    for (key, outcome) in keys.iter().zip(&committed.outcomes) {
        if matches!(outcome, Outcome::Deleted(true)) {
            removed += 1;
            rows::told(state, key, None, "delete");
        }
    }
    Ok(removed)
}

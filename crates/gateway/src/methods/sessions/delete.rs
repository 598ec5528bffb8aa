//! `sessions.delete`: removes a session.

use openclaw_store::{Change, Outcome, Transaction};

use crate::{methods::prelude::*, rows, runs::Runs};

params! {
    /// Which session, and whether its transcript goes too.
    {
        /// Session key.
        key: SessionKey,
        /// Whether the transcript is removed rather than archived; true when absent.
        #[serde(default)]
        delete_transcript: Option<bool>,
        /// Refused when the session has another transcript now.
        #[serde(default)]
        expected_session_id: Option<String>,
        /// Refused when the session is not archived.
        #[serde(default)]
        archived_only: bool,
    } understood { agent_id expected_lifecycle_revision expected_session_updated_at emit_lifecycle_hooks }
}

pub(crate) struct Delete;

impl Method for Delete {
    const NAME: &'static str = "sessions.delete";
    const ABOUT: &'static str = "Removes a session; the main session of the default agent stays.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("session.deleted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let key = call.canonical(&params.key);
        if key.is_main() && key.agent() == Some(state.default_agent()) {
            return Err(WireError::invalid(detail::CONFLICT, format!("Cannot delete the main session ({key}).")));
        }
        let session_id = super::expected(&key, params.expected_session_id.as_deref())?;
        // Asked before anything is stopped, and again in the transaction.
        let wanted = key.clone();
        let known = state.store.read(move |reader| reader.get_session(&wanted)).await;
        let known = known.map_err(|error| fault::store(&error))?;
        if params.archived_only && known.as_ref().is_some_and(|session| !session.settings.archived) {
            let text = format!("session {key} is not archived; archive it first");
            return Err(WireError::invalid(detail::CONFLICT, text));
        }
        Runs::abort(state, &key, None, "deleted").await?;
        let keep_transcript = params.delete_transcript == Some(false);
        let audit = call.audit(
            "session.deleted",
            Self::NAME,
            Some(key.to_string()),
            json!({ "keptTranscript": keep_transcript }),
        );
        let mut changes = Vec::new();
        if params.archived_only || session_id.is_some() {
            let archived = params.archived_only.then_some(true);
            changes.push(Change::RequireSession { key: key.clone(), session_id, archived });
        }
        changes.push(Change::DeleteSession { key: key.clone(), keep_transcript });
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        let deleted = matches!(committed.outcomes.last(), Some(Outcome::Deleted(true)));
        if deleted {
            rows::told(state, &key, None, "delete");
        }
        Ok(json!({ "ok": true, "key": key, "deleted": deleted, "archived": [] }))
    }
}

//! `sessions.reset`: starts a session over; the old transcript is kept among the archives.

use openclaw_store::{Change, Outcome, Transaction};

use crate::{methods::prelude::*, rows, runs::Runs};

params! {
    /// Which session.
    { key: SessionKey, } understood { agent_id reason }
}

pub(crate) struct Reset;

impl Method for Reset {
    const NAME: &'static str = "sessions.reset";
    const ABOUT: &'static str = "Starts a session over; the old transcript is archived.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("session.reset");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let key = call.canonical(&params.key);
        // A run at work belongs to the transcript that ends.
        Runs::abort(state, &key, None, "reset").await?;
        let new_session_id = state.ids.uuid();
        let audit =
            call.audit("session.reset", Self::NAME, Some(key.to_string()), json!({ "sessionId": new_session_id }));
        let changes = vec![Change::ResetSession { key: key.clone(), new_session_id }];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        let Some(Outcome::Session(session)) = committed.outcomes.first() else {
            return Err(WireError::unavailable(detail::INTERNAL, "the store did not return the session"));
        };
        rows::told(state, &key, Some(session), "reset");
        Ok(json!({ "ok": true, "key": key, "entry": rows::entry(session) }))
    }
}

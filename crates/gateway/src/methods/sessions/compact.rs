//! `sessions.compact`: sets all but the newest lines of a transcript aside.

use openclaw_store::{Change, Outcome, Transaction};

use crate::{methods::prelude::*, rows};

/// Lines that stay when nothing is said.
const LINES: u64 = 400;

params! {
    /// Which session, and how much stays.
    {
        /// Session key.
        key: SessionKey,
        /// Lines that stay, at least 1; 400 when absent.
        #[serde(default)]
        max_lines: Option<u64>,
    } understood { agent_id }
}

pub(crate) struct Compact;

impl Method for Compact {
    const NAME: &'static str = "sessions.compact";
    const ABOUT: &'static str = "Sets all but the newest lines of a transcript aside.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("session.compacted");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        let key = call.canonical(&params.key);
        let keep_last = params.max_lines.unwrap_or(LINES);
        if keep_last == 0 {
            let text = "invalid sessions.compact params: at /maxLines: must be at least 1";
            return Err(WireError::params(text).with("path", "params.maxLines"));
        }
        let wanted = key.clone();
        let known =
            state.store.read(move |reader| reader.get_session(&wanted)).await.map_err(|error| fault::store(&error))?;
        let Some(known) = known else {
            return Ok(json!({ "ok": true, "key": key, "compacted": false, "reason": "no such session" }));
        };
        if known.message_count <= keep_last {
            return Ok(
                json!({ "ok": true, "key": key, "compacted": false, "kept": known.message_count, "reason": "nothing to set aside" }),
            );
        }
        let audit = call.audit("session.compacted", Self::NAME, Some(key.to_string()), json!({ "kept": keep_last }));
        let changes = vec![Change::CompactSession { key: key.clone(), keep_last }];
        let committed = state
            .store
            .write(Transaction { changes, audit, idempotency: None })
            .await
            .map_err(|error| fault::store(&error))?;
        let Some(Outcome::Compacted { archived, session }) = committed.outcomes.first() else {
            return Err(WireError::unavailable(detail::INTERNAL, "the store did not return the session"));
        };
        rows::told(state, &key, Some(session), "compact");
        Ok(json!({ "ok": true, "key": key, "compacted": *archived > 0, "kept": session.message_count }))
    }
}

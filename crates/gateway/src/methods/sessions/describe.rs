//! `sessions.describe`: one session's row.

use openclaw_store::MessageQuery;

use crate::{methods::prelude::*, rows};

/// Lines among which the last answer is looked for.
const LINES: usize = 8;

params! {
    /// Which session.
    { key: SessionKey, } understood { include_derived_titles include_last_message }
}

pub(crate) struct Describe;

impl Method for Describe {
    const NAME: &'static str = "sessions.describe";
    const ABOUT: &'static str = "One session as the list shows it, or null.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let key = call.canonical(&params.key);
        let read = call.state().store.read(move |reader| {
            let Some(session) = reader.get_session(&key)? else { return Ok(None) };
            let lines = reader.messages(&key, &MessageQuery { limit: LINES, ..MessageQuery::default() })?;
            Ok(Some((session, lines)))
        });
        let session = read.await.map_err(|error| fault::store(&error))?;
        Ok(json!({ "session": session.map(|(session, lines)| rows::row_answered(call.state(), &session, &lines)) }))
    }
}

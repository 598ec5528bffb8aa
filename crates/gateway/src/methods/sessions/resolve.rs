//! `sessions.resolve`: finds a session by key, transcript identifier or label.

use crate::methods::prelude::*;

params! {
    /// One of the three.
    {
        #[serde(default)]
        key: Option<SessionKey>,
        #[serde(default)]
        session_id: Option<String>,
        #[serde(default)]
        label: Option<String>,
        /// Answer `ok: false` instead of an error.
        #[serde(default)]
        allow_missing: bool,
    } understood { short_id slug_hint agent_id spawned_by include_global include_unknown }
}

pub(crate) struct Resolve;

impl Method for Resolve {
    const NAME: &'static str = "sessions.resolve";
    const ABOUT: &'static str = "Finds a session by key, transcript identifier or label.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let key = params.key.as_ref().map(|key| call.canonical(key));
        let asked = params.key.as_ref().map(ToString::to_string).or(params.session_id.clone()).or(params.label.clone());
        let Some(asked) = asked else {
            return Err(WireError::params(
                "invalid sessions.resolve params: at root: one of key, sessionId and label is needed",
            )
            .with("path", "params"));
        };
        let id = params.session_id.as_deref().and_then(|id| id.parse::<uuid::Uuid>().ok());
        let read = call.state().store.read(move |reader| match (key, id, params.label) {
            (Some(key), _, _) => reader.get_session(&key),
            (None, Some(id), _) => reader.session_by_id(id),
            (None, None, Some(label)) => reader.session_by_label(&label),
            (None, None, None) => Ok(None),
        });
        match read.await.map_err(|error| fault::store(&error))? {
            Some(session) => Ok(json!({ "ok": true, "key": session.key, "agentId": session.agent_id })),
            None if params.allow_missing => Ok(json!({ "ok": false })),
            None => {
                Err(WireError::not_found(format!("No session found: {}", asked.chars().take(120).collect::<String>())))
            }
        }
    }
}

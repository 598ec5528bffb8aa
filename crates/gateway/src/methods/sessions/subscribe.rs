//! `sessions.subscribe`: turns `sessions.changed` on for this connection.

use super::list;
use crate::methods::prelude::*;

pub(crate) struct Subscribe;

impl Method for Subscribe {
    const NAME: &'static str = "sessions.subscribe";
    const ABOUT: &'static str =
        "Turns sessions.changed on for this connection; with list parameters it answers the list too.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Value;
    type Reply = Value;

    async fn call(call: Call, params: Value) -> Result<Value, WireError> {
        let plain = params.as_object().is_some_and(serde_json::Map::is_empty);
        let raw = serde_json::value::to_raw_value(&params).map_err(|error| WireError::params(error.to_string()))?;
        let params = openclaw_protocol::params::read::<list::Params>(Some(&raw)).map_err(|problem| {
            WireError::params(format!("invalid sessions.subscribe params: {problem}")).with("path", problem.path)
        })?;
        // Before the list is read, so that no change falls between the two.
        call.state().hub.follow_sessions(call.conn().number, true);
        if plain {
            return Ok(json!({ "subscribed": true }));
        }
        Ok(json!({ "subscribed": true, "list": list::list(&call, params).await? }))
    }
}

//! `sessions.messages.unsubscribe`: stops following a session's messages.

use crate::methods::prelude::*;

params! {
    /// Which session.
    { key: SessionKey, } understood { agent_id }
}

pub(crate) struct MessagesUnsubscribe;

impl Method for MessagesUnsubscribe {
    const NAME: &'static str = "sessions.messages.unsubscribe";
    const ABOUT: &'static str = "Stops following a session.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let key = call.canonical(&params.key);
        call.state().hub.unfollow_messages(call.conn().number, &key);
        Ok(json!({ "subscribed": false, "key": key }))
    }
}

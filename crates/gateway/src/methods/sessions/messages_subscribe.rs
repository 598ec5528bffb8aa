//! `sessions.messages.subscribe`: follows one session's messages.

use crate::{hub::FOLLOWED_SESSIONS, methods::prelude::*};

params! {
    /// Which session.
    {
        /// Session key.
        key: SessionKey,
        /// Adds the approvals that wait.
        #[serde(default)]
        include_approvals: bool,
    } understood { agent_id }
}

pub(crate) struct MessagesSubscribe;

impl Method for MessagesSubscribe {
    const NAME: &'static str = "sessions.messages.subscribe";
    const ABOUT: &'static str = "Follows one session: session.message events come to this connection.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let key = call.canonical(&params.key);
        if !call.state().hub.follow_messages(call.conn().number, key.clone()) {
            let text =
                format!("a connection follows at most {FOLLOWED_SESSIONS} sessions; unsubscribe from some first");
            return Err(WireError::unavailable(detail::QUEUE_FULL, text));
        }
        let mut reply = json!({ "subscribed": true, "key": key });
        if params.include_approvals {
            reply["approvalReplay"] = json!({ "approvals": [] });
        }
        Ok(reply)
    }
}

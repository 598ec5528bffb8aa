//! `message.action`: what a channel can do with a message: react, pin, edit and the like.

use crate::methods::{channels, prelude::*};

params! {
    /// What to do, and where.
    {
        /// The channel, such as `webhook`.
        channel: String,
        /// What to do, such as `react`.
        action: String,
        /// What the action needs.
        params: serde_json::Map<String, Value>,
        /// Names the action. The same key again does not do it twice.
        idempotency_key: String,
    } understood {
        reply account_id requester_account_id requester_sender_id sender_is_owner session_key session_id inbound_turn_kind
        agent_id tool_context conversation_read_origin
    }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
}

pub(crate) struct Action;

impl Method for Action {
    const NAME: &'static str = "message.action";
    const ABOUT: &'static str = "Does something with a message on a chat channel.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("message.acted");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
        let Params { channel, action, params, idempotency_key, .. } = params;
        channels::filled("action", &action)?;
        channels::filled("idempotencyKey", &idempotency_key)?;
        drop(params);
        Err(channels::unsupported(Some(&channel)))
    }
}

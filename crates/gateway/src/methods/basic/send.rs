//! `send`: a message to somebody on a chat channel (spec 003).

use crate::methods::{channels, prelude::*};

params! {
    /// What to send, to whom and where.
    {
        /// Who gets it, as the channel names people and places.
        to: String,
        /// The text.
        #[serde(default)]
        message: Option<String>,
        /// The channel, such as `webhook`.
        #[serde(default)]
        channel: Option<String>,
        /// Names the message. The same key again does not send twice.
        idempotency_key: String,
    } understood {
        media_url media_urls buffer filename content_type as_voice gif_playback account_id agent_id reply_to_id thread_id
        force_document silent parse_mode session_key
    }
}

/// What the channel said.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    run_id: String,
    message_id: String,
    channel: String,
}

pub(crate) struct Send;

impl Method for Send {
    const NAME: &'static str = "send";
    const ABOUT: &'static str = "Sends a message on a chat channel.";
    const ACCESS: Access = Access::Scope(Scope::Write);
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::Change("message.sent");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
        channels::filled("to", &params.to)?;
        channels::filled("idempotencyKey", &params.idempotency_key)?;
        if params.message.as_deref().is_some_and(|text| text.len() > channels::LONGEST_MESSAGE) {
            return Err(WireError::params(format!("message has more than {} bytes", channels::LONGEST_MESSAGE)));
        }
        Err(channels::unsupported(params.channel.as_deref()))
    }
}

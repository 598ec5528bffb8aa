//! `chat.message.get`: one message in full.

use super::shown;
use crate::methods::prelude::*;

/// Characters of a text when nothing is said, and at most.
const CHARACTERS: usize = 2_000_000;

params! {
    /// Which message.
    {
        session_key: SessionKey,
        /// `__openclaw.id` of `chat.history`.
        message_id: String,
        /// Longest text, 1 to 2,000,000 characters.
        #[serde(default)]
        max_chars: Option<usize>,
    } understood { agent_id }
}

/// The message, or why there is none.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Whether it is there.
    ok: bool,
    /// As `chat.history` shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Value>,
    /// `not_found`.
    #[serde(skip_serializing_if = "Option::is_none")]
    unavailable_reason: Option<&'static str>,
}

pub(crate) struct MessageGet;

impl Method for MessageGet {
    const NAME: &'static str = "chat.message.get";
    const ABOUT: &'static str = "One message of a conversation, in full.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let most = params.max_chars.unwrap_or(CHARACTERS);
        if !(1..=CHARACTERS).contains(&most) {
            let text =
                format!("invalid chat.message.get params: at /maxChars: must be 1 to {CHARACTERS}, found {most}");
            return Err(WireError::params(text).with("path", "params.maxChars"));
        }
        let nothing = Reply { ok: false, message: None, unavailable_reason: Some("not_found") };
        let Ok(id) = params.message_id.parse::<uuid::Uuid>() else { return Ok(nothing) };
        let key = call.canonical(&params.session_key);
        let read = call.state().store.read(move |reader| reader.line(&key, id)).await;
        let line = read.map_err(|error| fault::store(&error))?;
        Ok(line.map_or(nothing, |line| Reply {
            ok: true,
            message: Some(shown::message(&line, Some(most))),
            unavailable_reason: None,
        }))
    }
}

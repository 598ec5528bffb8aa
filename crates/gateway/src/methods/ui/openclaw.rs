//! `openclaw.chat`: the set-up assistant of the official Control UI. Opening its view costs nothing: no model is asked.

use super::{Empty, read};
use crate::methods::prelude::*;

read! {
    "What was said to the set-up assistant: there is none."
    history "openclaw.chat.history" Admin
    params { uses {} checks {} understood { limit session_id } }
    reply { turns: Empty = [], }
}

params! {
    /// What to say.
    {
        /// Names the conversation.
        session_id: String,
        /// The text; the assistant's greeting when absent.
        #[serde(default)]
        message: Option<String>,
    } understood { agent_id answer question_id locale welcome welcome_variant surface context }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// As it was asked.
    session_id: String,
    /// What the view shows.
    reply: &'static str,
    /// Whether the view may leave it out.
    optional_welcome: bool,
    /// What the view does then.
    action: &'static str,
}

/// Longest name of a conversation.
const LONGEST_NAME: usize = 256;

pub(crate) struct Chat;

impl Method for Chat {
    const NAME: &'static str = "openclaw.chat";
    const ABOUT: &'static str = "The set-up assistant: says where things are set up instead. No model is asked.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
        if params.session_id.is_empty() || params.session_id.len() > LONGEST_NAME {
            return Err(WireError::params(format!("sessionId must have 1 to {LONGEST_NAME} bytes")));
        }
        if params.message.is_some() {
            return Err(fault::not_yet(
                "a set-up assistant that answers (openclaw config and the settings do the same)",
            ));
        }
        Ok(Reply {
            session_id: params.session_id,
            reply: "There is no set-up assistant in this gateway. Change what you need in the settings, or with `openclaw config`; `openclaw doctor` says what is wrong.",
            optional_welcome: true,
            action: "none",
        })
    }
}

//! `chat.startup`: everything a chat view shows first, in one answer.

use super::history;
use crate::methods::prelude::*;

params! {
    /// Which conversation.
    {
        /// Session key; the main session when absent.
        #[serde(default)]
        session_key: Option<SessionKey>,
        /// Most messages, 1 to 1,000; 80 when absent.
        #[serde(default)]
        limit: Option<usize>,
        /// Longest text of a message, characters.
        #[serde(default)]
        max_chars: Option<usize>,
    } understood { agent_id max_bytes session_id cursor input_run_ids pending_before }
}

pub(crate) struct Startup;

impl Method for Startup {
    const NAME: &'static str = "chat.startup";
    const ABOUT: &'static str = "Everything a chat view shows first, in one answer.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let main = || SessionKey::new("main").map_err(|error| WireError::params(error.to_string()));
        let key = params.session_key.map_or_else(main, Ok)?;
        history::page(&call, &key, params.limit.unwrap_or(80).clamp(1, 1000), 0, params.max_chars).await
    }
}

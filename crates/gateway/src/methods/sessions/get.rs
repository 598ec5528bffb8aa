//! `sessions.get`: the lines of a session.

use openclaw_store::MessageQuery;

use crate::methods::{chat::shown, prelude::*};

params! {
    /// Which session.
    {
        /// Session key.
        key: SessionKey,
        /// Most lines, 1 to 1,000; 200 when absent.
        #[serde(default)]
        limit: Option<usize>,
    } understood { agent_id }
}

/// The lines.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// The newest ones, oldest first, as `chat.history` shows them.
    messages: Vec<Value>,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "sessions.get";
    const ABOUT: &'static str = "The newest lines of a session, oldest first.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let limit = params.limit.unwrap_or(200);
        if !(1..=1000).contains(&limit) {
            let text = format!("invalid sessions.get params: at /limit: must be 1 to 1000, found {limit}");
            return Err(WireError::params(text).with("path", "params.limit"));
        }
        let key = call.canonical(&params.key);
        let query = MessageQuery { limit, ..MessageQuery::default() };
        let read = call.state().store.read(move |reader| reader.messages(&key, &query)).await;
        let lines = read.map_err(|error| fault::store(&error))?;
        Ok(Reply { messages: shown::within_bytes(lines.iter().map(|line| shown::message(line, None)).collect()) })
    }
}

//! `chat.metadata`: what a composer offers: models and commands.

use crate::methods::{models, prelude::*};

params! {
    /// For whom.
    {
        /// Whose default model is marked; the default agent's when absent.
        #[serde(default)]
        agent_id: Option<AgentId>,
    } understood { session_key }
}

pub(crate) struct Metadata;

impl Method for Metadata {
    const NAME: &'static str = "chat.metadata";
    const ABOUT: &'static str = "What a composer offers: models and commands.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let models = models::list::rows(&call, params.agent_id.as_ref(), models::list::View::Default)?;
        Ok(json!({ "models": models, "commands": commands() }))
    }
}

/// The commands that a message may be.
pub(in crate::methods) fn commands() -> Value {
    json!([{
        "name": "stop", "textAliases": ["/stop"], "description": "Stop the run at work in this conversation.",
        "category": "session", "source": "native", "scope": "text", "acceptsArgs": false,
    }])
}

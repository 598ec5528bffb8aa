//! `commands.list`: the commands that a message may be.

use crate::methods::{chat, prelude::*};

params! {
    /// Which ones.
    {
        /// Only those that are written as text, only those that a client offers by itself, or `both`.
        #[serde(default)]
        scope: Option<Where>,
    } understood { session_key agent_id provider include_args }
}

/// Where a command is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Where {
    Text,
    Native,
    Both,
}

/// The commands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// As composers offer them.
    commands: Value,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "commands.list";
    const ABOUT: &'static str = "The commands that a message may be.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
        // Every command there is, is written as text.
        let commands = if params.scope == Some(Where::Native) { json!([]) } else { chat::metadata::commands() };
        Ok(Reply { commands })
    }
}

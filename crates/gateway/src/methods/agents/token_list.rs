//! `agents.token.list`: which agents have a token.

use super::token::Row;
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The tokens.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// By agent; those withdrawn too. Never a token itself.
    tokens: Vec<Row>,
}

pub(crate) struct TokenList;

impl Method for TokenList {
    const NAME: &'static str = "agents.token.list";
    const ABOUT: &'static str = "Which agents have a token of their own, without the tokens.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { tokens: call.state().agent_tokens.list().iter().map(Row::of).collect() })
    }
}

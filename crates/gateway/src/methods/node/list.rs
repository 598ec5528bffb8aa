//! `node.list`: the machines that offer commands.

use crate::{
    methods::prelude::*,
    nodes::shown::{self, NodeRow},
};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The machines.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Now, milliseconds since the epoch.
    ts: i64,
    /// Those that are connected first, then by name.
    nodes: Vec<NodeRow>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "node.list";
    const ABOUT: &'static str = "The machines that offer commands, those that are connected first.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { ts: call.now_ms(), nodes: shown::rows(call.state()) })
    }
}

//! `skills.bins`: the programs that skills need, for a node that looks whether it has them.

use std::collections::BTreeSet;

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The programs.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Their names, sorted.
    bins: BTreeSet<String>,
}

pub(crate) struct Bins;

impl Method for Bins {
    const NAME: &'static str = "skills.bins";
    const ABOUT: &'static str = "Names the programs that skills of any agent need.";
    const ACCESS: Access = Access::Node;
    const COST: u32 = 5;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { bins: call.state().skill_programs().await? })
    }
}

//! `environments.list`: where sessions can run.

use super::Environment;
use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { projection }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    environments: Vec<Environment>,
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "environments.list";
    const ABOUT: &'static str = "Where sessions can run: on the gateway's own machine.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { environments: vec![super::gateway(call.state())] })
    }
}

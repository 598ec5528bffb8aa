//! `node.list`: The machines that offer commands: none can be paired yet.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {  }
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "node.list";
    const ABOUT: &'static str = "The machines that offer commands: none can be paired yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        Ok(json!({ "ts": call.now_ms(), "nodes": [] }))
    }
}

//! `last-heartbeat`: The outcome of the newest heartbeat run, or null: heartbeats are not scheduled.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {  }
}

pub(crate) struct LastHeartbeat;

impl Method for LastHeartbeat {
    const NAME: &'static str = "last-heartbeat";
    const ABOUT: &'static str = "The outcome of the newest heartbeat run, or null: heartbeats are not scheduled.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let _ = call;
        Ok(Value::Null)
    }
}

//! `ping`: Answers at once, so that a client can measure the way.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { ts }
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// When it was answered, milliseconds since the epoch.
    ts: i64,
}

pub(crate) struct Ping;

impl Method for Ping {
    const NAME: &'static str = "ping";
    const ABOUT: &'static str = "Answers at once, so that a client can measure the way.";
    const ACCESS: Access = Access::Exempt;
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        Ok(Reply { ts: call.now_ms() })
    }
}

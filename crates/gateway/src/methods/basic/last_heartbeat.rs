//! `last-heartbeat`: what came of the newest look of an agent since the start, or null.

use openclaw_protocol::event::Heartbeat;

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {  }
}

pub(crate) struct LastHeartbeat;

impl Method for LastHeartbeat {
    const NAME: &'static str = "last-heartbeat";
    const ABOUT: &'static str = "What came of the newest look of an agent since the start, or null.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Option<Heartbeat>;

    async fn call(call: Call, _: Params) -> Result<Option<Heartbeat>, WireError> {
        Ok(call.state().heartbeats.last())
    }
}

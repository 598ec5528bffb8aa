//! `system-presence`: Who is connected.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {  }
}

pub(crate) struct SystemPresence;

impl Method for SystemPresence {
    const NAME: &'static str = "system-presence";
    const ABOUT: &'static str = "Who is connected.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Vec<openclaw_protocol::hello::PresenceEntry>;

    async fn call(call: Call, _: Params) -> Result<Vec<openclaw_protocol::hello::PresenceEntry>, WireError> {
        Ok(call.state().presence.fresh(call.now_ms()))
    }
}

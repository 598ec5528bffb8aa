//! `channels.status`: The state of every chat channel: none is there yet.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { probe timeout_ms channel }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "channels.status";
    const ABOUT: &'static str = "The state of every chat channel: none is there yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        Ok(json!({
            "ts": call.now_ms(), "channelOrder": [], "channelLabels": {}, "channelDetailLabels": {}, "channelSystemImages": {},
            "channelMeta": [], "channels": {}, "channelAccounts": {}, "channelDefaultAccountId": {},
        }))
    }
}

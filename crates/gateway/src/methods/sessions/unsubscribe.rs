//! `sessions.unsubscribe`: turns `sessions.changed` off for this connection.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct Unsubscribe;

impl Method for Unsubscribe {
    const NAME: &'static str = "sessions.unsubscribe";
    const ABOUT: &'static str = "Turns sessions.changed off for this connection.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;
    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        call.state().hub.follow_sessions(call.conn().number, false);
        Ok(json!({ "subscribed": false }))
    }
}

//! `health`: Whether everything is well, from memory.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { probe include_sensitive }
}

pub(crate) struct Health;

impl Method for Health {
    const NAME: &'static str = "health";
    const ABOUT: &'static str = "Whether everything is well, from memory.";
    const ACCESS: Access = Access::Exempt;
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = std::sync::Arc<Box<serde_json::value::RawValue>>;

    async fn call(call: Call, _: Params) -> Result<std::sync::Arc<Box<serde_json::value::RawValue>>, WireError> {
        Ok(call.state().health.current())
    }
}

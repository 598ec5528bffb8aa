//! `health`: Whether everything is well, from memory.

use crate::{health::HealthReply, methods::prelude::*};

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
    type Reply = std::sync::Arc<HealthReply>;

    async fn call(call: Call, _: Params) -> Result<std::sync::Arc<HealthReply>, WireError> {
        Ok(call.state().health.current())
    }
}

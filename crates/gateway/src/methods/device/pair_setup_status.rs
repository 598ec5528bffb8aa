//! `device.pair.setupStatus`: what became of a setup code.

use openclaw_protocol::event::DevicePairSetupCompleted;

use crate::methods::prelude::*;

params! {
    /// Which code.
    { setup_id: String, } understood {}
}

/// What became of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The device that came in by it; absent while nobody did, and once that is forgotten.
    #[serde(skip_serializing_if = "Option::is_none")]
    completion: Option<DevicePairSetupCompleted>,
}

pub(crate) struct PairSetupStatus;

impl Method for PairSetupStatus {
    const NAME: &'static str = "device.pair.setupStatus";
    const ABOUT: &'static str = "Which device came in by a setup code, for an hour after the code's time.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let code = call.state().setup_codes.named(&params.setup_id);
        Ok(Reply { completion: code.as_ref().and_then(crate::setup_codes::completion) })
    }
}

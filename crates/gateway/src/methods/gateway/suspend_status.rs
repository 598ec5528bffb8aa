//! `gateway.suspend.status`: this gateway is never suspended, so it is running.

use crate::methods::prelude::*;

params! {
    /// Which suspension.
    {
        /// Its name.
        suspension_id: String,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Always `running`.
    status: &'static str,
}

/// Longest name of a suspension.
const LONGEST_NAME: usize = 128;

pub(crate) struct SuspendStatus;

impl Method for SuspendStatus {
    const NAME: &'static str = "gateway.suspend.status";
    const ABOUT: &'static str = "Whether the gateway is suspended: it never is.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(_: Call, params: Params) -> Result<Reply, WireError> {
        let name = params.suspension_id;
        if name.trim().is_empty() || name.len() > LONGEST_NAME {
            return Err(WireError::params(format!("suspensionId must have 1 to {LONGEST_NAME} bytes")));
        }
        Ok(Reply { status: "running" })
    }
}

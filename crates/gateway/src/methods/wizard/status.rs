//! `wizard.status`: how far a guided setup is.

use crate::{methods::prelude::*, wizards};

params! {
    /// Which setup.
    {
        /// As `wizard.start` named it.
        session_id: String,
    } understood {}
}

/// How it stands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    pub(super) status: wizards::Status,
    /// Why it could not be written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl From<wizards::Over> for Reply {
    fn from(over: wizards::Over) -> Self {
        Self { status: over.status, error: over.error }
    }
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "wizard.status";
    const ABOUT: &'static str = "How far a guided setup of the caller is.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let owner = call.principal().audit_name();
        Ok(call.state().wizards.look(&params.session_id, &owner, call.now_ms())?.into())
    }
}

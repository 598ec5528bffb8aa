//! `wizard.cancel`: gives a guided setup up.

use super::status::Reply;
use crate::methods::prelude::*;

params! {
    /// Which setup.
    {
        /// As `wizard.start` named it.
        session_id: String,
    } understood {}
}

pub(crate) struct Cancel;

impl Method for Cancel {
    const NAME: &'static str = "wizard.cancel";
    const ABOUT: &'static str = "Gives a guided setup of the caller up; nothing was changed.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let owner = call.principal().audit_name();
        Ok(call.state().wizards.cancel(&params.session_id, &owner, call.now_ms())?.into())
    }
}

//! `methods.describe`: everything about one method.

use crate::{methods::prelude::*, reference::Description, rpc};

params! {
    /// Which method.
    {
        /// Its name.
        method: String,
    } understood {}
}

pub(crate) struct Describe;

impl Method for Describe {
    const NAME: &'static str = "methods.describe";
    const ABOUT: &'static str =
        "Everything about one method: who may call it, what it takes and answers, and an example.";
    const ACCESS: Access = Access::Exempt;
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Description;

    async fn call(call: Call, params: Params) -> Result<Description, WireError> {
        rpc::known(&call, &params.method).map(Description::of)
    }
}

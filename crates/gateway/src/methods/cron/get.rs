//! `cron.get`: one job.

use super::asked::{find, named};
use crate::{cron, methods::prelude::*};

params! {
    /// Which job.
    {
        /// Which job.
        #[serde(default)]
        id: Option<String>,
        /// The same.
        #[serde(default)]
        job_id: Option<String>,
    } understood {}
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "cron.get";
    const ABOUT: &'static str = "One scheduled job.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = cron::JobRow;

    async fn call(call: Call, params: Params) -> Result<cron::JobRow, WireError> {
        let job = find(&call, &named(Self::NAME, params.id, params.job_id)?).await?;
        Ok(cron::job_row(call.state(), &job))
    }
}

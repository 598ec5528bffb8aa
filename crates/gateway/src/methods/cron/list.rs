//! `cron.list`: The scheduled jobs: none can be scheduled yet.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood { include_disabled limit offset query enabled schedule_kind last_run_status trigger sort_by sort_dir agent_id compact include_delivery_previews }
}

pub(crate) struct List;

impl Method for List {
    const NAME: &'static str = "cron.list";
    const ABOUT: &'static str = "The scheduled jobs: none can be scheduled yet.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let _ = call;
        Ok(
            json!({ "jobs": [], "snapshotRevision": "0", "total": 0, "offset": 0, "limit": 50, "hasMore": false, "nextOffset": null, "deliveryPreviews": {} }),
        )
    }
}

//! `cron.status`: whether jobs run, and when the next one is due.

use openclaw_store::Reader;

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Whether jobs run by themselves.
    enabled: bool,
    /// Whether programs may start jobs: never.
    triggers_enabled: bool,
    store_path: String,
    storage: &'static str,
    sqlite_path: String,
    /// How many jobs there are.
    jobs: u64,
    /// When the first is due.
    next_wake_at_ms: Option<i64>,
    /// The zone of expressions that name none.
    timezone: String,
}

pub(crate) struct Status;

impl Method for Status {
    const NAME: &'static str = "cron.status";
    const ABOUT: &'static str = "Whether scheduled jobs run, how many there are, and when the next is due.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let (jobs, next) = state.store.read(Reader::cron_count).await.map_err(|error| fault::store(&error))?;
        let enabled = state.cron.enabled(&state.active().loaded.config) && !state.lockdown.holds();
        Ok(Reply {
            enabled,
            triggers_enabled: false,
            store_path: state.store_path(),
            storage: "sqlite",
            sqlite_path: state.store_path(),
            jobs,
            next_wake_at_ms: next.filter(|_| enabled),
            timezone: state.cron.zones.local_name().to_owned(),
        })
    }
}

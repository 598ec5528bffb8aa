//! `cron.remove`: takes a job away.

use openclaw_store::{
    Change, Outcome, Transaction,
    cron::{CronChange, CronOutcome},
};
use uuid::Uuid;

use super::asked::{named, unknown};
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

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    ok: bool,
    /// Whether there was one.
    removed: bool,
}

pub(crate) struct Remove;

impl Method for Remove {
    const NAME: &'static str = "cron.remove";
    const ABOUT: &'static str = "Takes a job away. A run at work goes on, and the history stays.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 3;
    const AUDIT: Audit = Audit::Change("cron.removed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let id = named(Self::NAME, params.id, params.job_id)?;
        let removed = match Uuid::parse_str(&id) {
            Err(_) => false,
            Ok(job_id) => {
                let audit = call.audit("cron.removed", Self::NAME, Some(id.clone()), Value::Null);
                let changes = vec![Change::Cron(CronChange::Remove { job_id })];
                let written = state.store.write(Transaction { changes, audit, idempotency: None }).await;
                let committed = written.map_err(|error| fault::store(&error))?;
                let removed = committed.outcomes.first() == Some(&Outcome::Cron(CronOutcome::Removed(true)));
                if removed {
                    state.cron.changed(job_id);
                    cron::publish(state, "removed", job_id, None, None);
                }
                removed
            }
        };
        if !removed && call.dialect() != Dialect::V3 {
            return Err(unknown(call.dialect(), &id));
        }
        Ok(Reply { ok: true, removed })
    }
}

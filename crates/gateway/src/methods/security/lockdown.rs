//! `security.lockdown`: the emergency stop, and the way out of it.

use crate::{
    lockdown::{self, Outcome, Wish},
    methods::prelude::*,
};

params! {
    /// Whether to begin it or to end it.
    {
        /// End the lockdown that holds: what it changed is put back, unless somebody changed it since.
        #[serde(default)]
        undo: bool,
        /// Only tell what would be done.
        #[serde(default)]
        dry_run: bool,
        /// Why, for the record and the audit; at most 500 characters are kept.
        #[serde(default)]
        reason: Option<String>,
    } understood {}
}

pub(crate) struct Lockdown;

impl Method for Lockdown {
    const NAME: &'static str = "security.lockdown";
    const ABOUT: &'static str = "Closes everything but this machine at once: configuration, connections, programs, runs, jobs and device tokens; `undo` ends that.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::Change("security.lockdown");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Outcome;

    async fn call(call: Call, params: Params) -> Result<Outcome, WireError> {
        let Params { undo, dry_run, reason } = params;
        let wish = Wish { dry_run, reason };
        if !undo {
            return Ok(lockdown::lock(&call, Self::NAME, &wish).await);
        }
        // Only its beginning waits for nothing.
        call.state().audit_export.admit_change()?;
        lockdown::unlock(&call, Self::NAME, &wish).await
    }
}

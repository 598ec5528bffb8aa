//! `secrets.reload`: reads the configuration again, with everything that it refers to.

use crate::{methods::prelude::*, reload::Cause};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// What came of it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Always true; a configuration that cannot be used is an error.
    ok: bool,
    /// Changed keys that wait for the next start.
    warning_count: usize,
    /// Whether anything was put in force: false when all was so before.
    changed: bool,
    /// The keys that wait.
    restart_required: Vec<String>,
    /// Hash of the configuration in force.
    hash: String,
}

pub(crate) struct Reload;

impl Method for Reload {
    const NAME: &'static str = "secrets.reload";
    const ABOUT: &'static str = "Reads the configuration again, with the files and variables that it refers to.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let reload = &call.state().reload;
        let before = reload.report().last_reload_at;
        let hash_before = reload.report().applied_hash.clone();
        reload.again(Cause::Signal("secrets.reload")).await?;
        let report = reload.report();
        match &report.rejected {
            None => Ok(Reply {
                ok: true,
                warning_count: report.restart_required.len(),
                changed: report.last_reload_at != before || report.applied_hash != hash_before,
                restart_required: report.restart_required.clone(),
                hash: report.applied_hash.clone(),
            }),
            Some(rejected) => {
                let text =
                    format!("the configuration cannot be used, the one before stays in force: {}", rejected.message);
                Err(WireError::unavailable("CONFIG_REJECTED", text))
            }
        }
    }
}

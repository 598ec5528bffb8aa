//! `gateway.restart.preflight`: whether a restart would cut off work.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// Whether nothing is at work.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Nothing is at work.
    safe: bool,
    counts: Counts,
    /// What is at work.
    blockers: Vec<Blocker>,
    /// The same in words.
    summary: String,
}

/// Work by kind; kinds that this gateway does not have are zero.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Counts {
    queue_size: usize,
    pending_replies: usize,
    embedded_runs: usize,
    cron_runs: usize,
    background_exec_sessions: usize,
    root_requests: usize,
    active_tasks: usize,
    total_active: usize,
}

/// Something that a restart would cut off.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Blocker {
    kind: &'static str,
    count: usize,
    message: String,
}

pub(crate) struct RestartPreflight;

impl Method for RestartPreflight {
    const NAME: &'static str = "gateway.restart.preflight";
    const ABOUT: &'static str = "Whether a restart would cut off work. A run that is cut off is kept as interrupted.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let running = call.state().runs.active_count();
        let open = call.state().store.read(openclaw_store::Reader::unfinished_runs).await;
        let waiting = open.map_err(|error| fault::store(&error))?.len().saturating_sub(running);
        let mut blockers = Vec::new();
        for (kind, count, what) in [("embedded-run", running, "at work"), ("queued-turn", waiting, "waiting")] {
            if count > 0 {
                let runs = if count == 1 { "run is" } else { "runs are" };
                blockers.push(Blocker { kind, count, message: format!("{count} {runs} {what}") });
            }
        }
        let words: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
        let summary = match words.as_slice() {
            [] => "safe to restart now".to_owned(),
            words => format!("a restart would cut off work: {}", words.join("; ")),
        };
        Ok(Reply {
            safe: blockers.is_empty(),
            counts: Counts {
                queue_size: waiting,
                pending_replies: 0,
                embedded_runs: running,
                cron_runs: 0,
                background_exec_sessions: 0,
                root_requests: 0,
                active_tasks: 0,
                total_active: running + waiting,
            },
            blockers,
            summary,
        })
    }
}

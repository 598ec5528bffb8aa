//! Programs that were started with `spawn`.

mod kill;
mod list;
mod output;

use openclaw_core::record::{SpawnEnd, Spawned};
use schemars::JsonSchema;
use serde::Serialize;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<kill::Kill>(), Row::of::<list::List>(), Row::of::<output::Output>()];

/// A program as these methods show it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Id of the request that started it; several may have it.
    id: String,
    /// Names it for good.
    spawn_id: String,
    /// `starting`, `running`, `completed`, `failed`, `killed`, or `lost` with an earlier start of the gateway.
    status: &'static str,
    /// `AGENT_NAME`, else the command.
    source: String,
    /// The command as it was sent.
    command: String,
    /// Its arguments, while this start of the gateway knows them: they are not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Vec<String>>,
    /// Where it was started.
    cwd: String,
    /// Its process.
    pid: Option<u32>,
    /// Who started it.
    started_by: String,
    /// When it was started, milliseconds since the epoch.
    started_at: Option<i64>,
    /// When it ended.
    completed_at: Option<i64>,
    /// Exit code or signal.
    result: Option<SpawnEnd>,
    /// What went wrong.
    error: Option<String>,
}

impl Shown {
    fn of(spawned: Spawned, args: Option<Vec<String>>) -> Self {
        Self {
            id: spawned.request_id,
            spawn_id: spawned.spawn_id.to_string(),
            status: spawned.state.as_str(),
            source: spawned.source,
            command: spawned.command,
            args,
            cwd: spawned.cwd,
            pid: spawned.pid,
            started_by: spawned.principal,
            started_at: spawned.started_at,
            completed_at: spawned.ended_at,
            result: spawned.end,
            error: spawned.error,
        }
    }
}

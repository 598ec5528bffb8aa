//! `spawn`: starts a program on the gateway's host (spec 001). Nothing is allowed yet, so every call is refused with the reason.

use openclaw_protocol::event::{Event, SpawnResult};

use crate::methods::prelude::*;

params! {
    /// The program to start.
    {
        /// Program name or absolute path, exactly as listed in `spawn.allow`.
        command: String,
        /// Its arguments. Never passed to a shell.
        #[serde(default)]
        args: Vec<String>,
        /// Variables set for it.
        #[serde(default)]
        env: std::collections::BTreeMap<String, String>,
        /// Folder it starts in.
        #[serde(default)]
        cwd: Option<String>,
    } understood {}
}

pub(crate) struct Spawn;

impl Method for Spawn {
    const NAME: &'static str = "spawn";
    const ABOUT: &'static str = "Starts a program that spawn.allow lists. No program can be started yet.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::Change("spawn.denied");
    const REPEAT: Repeat = Repeat::Fresh;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, params: Params) -> Result<Value, WireError> {
        let state = call.state();
        state.metrics.spawn_requests.inc();
        let active = state.active().clone();
        let allowed = active.loaded.config.spawn.allow.contains(&params.command);
        let name: String = params.command.chars().filter(|c| !c.is_control()).take(120).collect();
        let error = if allowed {
            fault::not_yet("starting programs")
        } else {
            let text =
                format!("command \"{name}\" is not allowed: spawn.allow does not list it (empty allows nothing)");
            WireError::unavailable(detail::SPAWN_NOT_ALLOWED, text)
        };
        let mut audit = call.audit(
            "spawn.denied",
            Self::NAME,
            Some(name),
            json!({ "args": params.args.len(), "env": params.env.len(), "cwd": params.cwd.is_some() }),
        );
        audit.outcome = "denied".to_owned();
        audit.reason = Some(error.details.code.to_string());
        state.audit_detached(audit);
        state.hub.publish(Event::SpawnResult(SpawnResult {
            id: call.request_id().to_owned(),
            status: "failed",
            pid: None,
            completed_at: Some(call.now_ms()),
            result: None,
            error: Some(error.message.to_string()),
        }));
        Err(error)
    }
}

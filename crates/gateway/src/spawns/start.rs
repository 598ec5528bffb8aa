//! From a request to a program that runs.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use openclaw_core::record::{AuditEvent, SpawnState, Spawned};
use openclaw_protocol::{
    AgentId, SessionKey, WireError, detail,
    event::{Event, SpawnResult},
};
use openclaw_sandbox::{Limits, Plan, Program, Refusal, Request, Rules};
use openclaw_store::{Change, Outcome, SpawnChange, Transaction};
use serde_json::json;
use tokio::sync::watch;
use tracing::info;

use super::{Live, Tail, at_work};
use crate::{approvals, call::Call, fault, state::State};

/// Longest name of a program in events, lists and the log, characters.
const SOURCE: usize = 120;

/// What a client wants to run.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) command: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cwd: Option<String>,
    /// Whether output waits for the caller to ask for it.
    pub(crate) follow: bool,
    /// The approval that allows it.
    pub(crate) approval: Option<Approved>,
}

/// An approval, and whom it is for.
#[derive(Debug)]
pub(crate) struct Approved {
    pub(crate) id: String,
    pub(crate) agent_id: Option<AgentId>,
    /// Canonical.
    pub(crate) session_key: Option<SessionKey>,
}

/// Starts a program. When this resolves, it runs and that is in the store; what it says and how it ends is told by events.
///
/// # Errors
/// Why it does not run. That was told as `spawn_result`, and is in the audit.
pub(crate) async fn start(call: &Call, asked: Asked) -> Result<Arc<Live>, WireError> {
    let state = call.state();
    let (rules, limits, most, allowed) = {
        let active = state.active();
        let spawn = &active.loaded.config.spawn;
        let rules = Rules {
            base: state.spawns.environment.clone(),
            pass: spawn.pass_env.clone(),
            roots: spawn.roots.iter().map(PathBuf::from).collect(),
        };
        (rules, limits(&spawn.limits), spawn.max_running as usize, spawn.allow.contains(&asked.command))
    };
    if state.lockdown.holds() {
        let text = "nothing is started while the gateway is locked down: openclaw security lockdown --undo";
        return Err(denied(call, &asked, WireError::unavailable(detail::LOCKED_DOWN, text)));
    }
    if !allowed {
        let name = shown(&asked.command);
        let text = format!("command \"{name}\" is not allowed: spawn.allow does not list it (empty allows nothing)");
        return Err(denied(call, &asked, WireError::unavailable(detail::SPAWN_NOT_ALLOWED, text)));
    }
    let Some(place) = state.spawns.place(most) else {
        let text = format!("{most} programs run already, as many as spawn.maxRunning allows; end one, or raise it");
        let error = WireError::unavailable(detail::QUEUE_FULL, text).retryable(Some(1000));
        return Err(denied(call, &asked, error));
    };
    let Asked { command, args, env, cwd, follow, approval } = asked;
    let source = shown(env.get("AGENT_NAME").filter(|name| !name.trim().is_empty()).unwrap_or(&command));
    let (wanted_env, wanted_cwd) = (env.clone(), cwd.clone());
    let request = Request { command: command.clone(), args: args.clone(), env, cwd };
    // The file system may be slow.
    let planned = tokio::task::spawn_blocking(move || Plan::make(request, &rules)).await;
    let plan = match planned {
        Ok(Ok(plan)) => plan,
        Ok(Err(refusal)) => {
            let asked = Asked { command, args, env: BTreeMap::new(), cwd: None, follow, approval: None };
            return Err(denied(call, &asked, unusable(&refusal)));
        }
        Err(_) => return Err(WireError::unavailable(detail::INTERNAL, "the program could not be looked for")),
    };
    if let Some(Approved { id, agent_id, session_key }) = approval {
        let argv: Vec<String> = std::iter::once(command.clone()).chain(args.iter().cloned()).collect();
        let resolved = plan.program().display().to_string();
        let run = approvals::Run {
            method: "spawn",
            argv: &argv,
            cwd: wanted_cwd.as_deref(),
            env: &wanted_env,
            agent_id: agent_id.as_ref().map(AgentId::as_str),
            session_key: session_key.as_ref().map(SessionKey::as_str),
            node_id: None,
            resolved_path: Some(&resolved),
        };
        if let Err(error) = approvals::redeem(call, &id, &run).await {
            let asked = Asked { command, args, env: wanted_env, cwd: wanted_cwd, follow, approval: None };
            return Err(denied(call, &asked, error));
        }
    }
    let spawned = Spawned {
        spawn_id: state.ids.uuid(),
        request_id: call.request_id().to_owned(),
        principal: call.principal().audit_name(),
        source,
        command: shown(&command),
        args: args.len(),
        cwd: plan.folder().display().to_string(),
        state: SpawnState::Starting,
        pid: None,
        ticks: None,
        machine: None,
        created_at: call.now_ms(),
        started_at: None,
        ended_at: None,
        end: None,
        error: None,
    };
    let spawn_id = spawned.spawn_id;
    let audit = audit(call, "spawn.requested", &spawned);
    change(state, SpawnChange::Begin { spawned: Box::new(spawned.clone()) }, audit).await?;
    let program = match state.spawns.host.start(plan, spawn_id, limits).await {
        Ok(program) => program,
        Err(error) => return Err(not_started(call, &spawned, error.to_string()).await),
    };
    let started = SpawnChange::Start {
        spawn_id,
        pid: program.trace.pid,
        ticks: program.trace.started,
        machine: program.trace.machine.clone(),
        at: call.now_ms(),
    };
    let spawned = match change(state, started, self::audit(call, "spawn.started", &spawned)).await {
        Ok(spawned) => spawned,
        Err(error) => {
            // What cannot be kept must not run.
            program.control.kill(openclaw_sandbox::StopReason::Shutdown);
            return Err(error);
        }
    };
    info!(source = spawned.source.as_str(), pid = program.trace.pid, spawn_id = %spawn_id, "Program started");
    let Program { output, control, ended, .. } = program;
    let live = Arc::new(Live { spawned, args, control, tail: Tail::new(follow), over: watch::channel(None).0 });
    state.spawns.runs(&live, place);
    state.metrics.spawns_running.inc();
    state.hub.publish(Event::SpawnResult(told(&live.spawned)));
    let work = at_work::see_through(Arc::clone(state), Arc::clone(&live), output, ended);
    state.tasks.spawn("spawned program", work);
    Ok(live)
}

/// The configured bounds; 0 is none.
fn limits(limits: &openclaw_config::SpawnLimits) -> Limits {
    Limits {
        output_per_second: limits.output_bytes_per_second,
        output_bytes: Some(limits.output_bytes).filter(|most| *most > 0),
        wall: Some(limits.timeout_ms).filter(|most| *most > 0).map(Duration::from_millis),
        memory: Some(limits.memory_bytes).filter(|most| *most > 0),
        processes: Some(limits.processes).filter(|most| *most > 0),
        grace: Duration::from_millis(limits.grace_ms),
    }
}

/// Foreign text as a name.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SOURCE).collect()
}

fn unusable(refusal: &Refusal) -> WireError {
    let place = refusal.place();
    let text = format!("invalid spawn params: {refusal}");
    if refusal.is_malformed() {
        WireError::params(text).with("path", format!("params.{place}"))
    } else {
        WireError::unavailable(detail::SPAWN_FAILED, format!("the program cannot be started: {refusal}"))
            .with("path", format!("params.{place}"))
    }
}

/// Tells and records that nothing is started.
fn denied(call: &Call, asked: &Asked, error: WireError) -> WireError {
    refused(call, &error);
    let mut audit = call.audit(
        "spawn.denied",
        "spawn",
        Some(shown(&asked.command)),
        json!({ "args": asked.args.len(), "env": asked.env.len(), "cwd": asked.cwd.is_some() }),
    );
    audit.outcome = "denied".to_owned();
    audit.reason = Some(error.details.code.to_string());
    let source = format!("{}:{}:spawn", call.conn().ip, audit.actor);
    if call.state().refusals.should_record(&source, call.now_ms()) {
        call.state().audit_detached(audit);
    }
    error
}

/// Tells that the request started nothing.
fn refused(call: &Call, error: &WireError) {
    call.state().hub.publish(Event::SpawnResult(SpawnResult {
        id: call.request_id().to_owned(),
        status: SpawnState::Failed.as_str(),
        pid: None,
        completed_at: Some(call.now_ms()),
        result: None,
        error: Some(error.message.to_string()),
    }));
}

/// The system did not start it.
async fn not_started(call: &Call, spawned: &Spawned, why: String) -> WireError {
    let error = WireError::unavailable(detail::SPAWN_FAILED, why.clone()).with("path", "params.command");
    let mut audit = audit(call, "spawn.exited", spawned);
    audit.outcome = "error".to_owned();
    audit.reason = Some("not started".to_owned());
    let end = SpawnChange::End {
        spawn_id: spawned.spawn_id,
        state: SpawnState::Failed,
        at: call.now_ms(),
        end: None,
        error: Some(why),
    };
    match change(call.state(), end, audit).await {
        Ok(_) => {
            refused(call, &error);
            error
        }
        Err(error) => error,
    }
}

fn audit(call: &Call, event: &str, spawned: &Spawned) -> AuditEvent {
    let detail = json!({ "spawnId": spawned.spawn_id, "args": spawned.args, "cwd": spawned.cwd });
    call.audit(event, "spawn", Some(spawned.command.clone()), detail)
}

/// Keeps one change of a program.
pub(super) async fn change(state: &State, change: SpawnChange, audit: AuditEvent) -> Result<Spawned, WireError> {
    let transaction = Transaction { changes: vec![Change::Spawn(change)], audit, idempotency: None };
    let committed = state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
    match committed.outcomes.into_iter().next() {
        Some(Outcome::Spawned(spawned)) => Ok(spawned),
        _ => Err(WireError::unavailable(detail::INTERNAL, "the store did not return the program")),
    }
}

/// A program as `spawn_result` tells of it.
pub(super) fn told(spawned: &Spawned) -> SpawnResult {
    SpawnResult {
        id: spawned.request_id.clone(),
        // Spec 001 has no word for a program that was lost.
        status: if spawned.state == SpawnState::Lost { SpawnState::Failed } else { spawned.state }.as_str(),
        pid: spawned.pid,
        completed_at: spawned.ended_at,
        result: spawned.end.as_ref().and_then(|end| serde_json::to_value(end).ok()),
        error: spawned.error.clone(),
    }
}

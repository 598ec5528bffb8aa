//! A lockdown of a gateway that serves, and its end.

use std::{sync::Arc, time::Duration};

use openclaw_config::{ChangeError, Mode, Origin};
use openclaw_core::record::{AuditEvent, Device};
use openclaw_protocol::{Role, WireError, close};
use openclaw_sandbox::StopReason;
use openclaw_store::{Change as Kept, MAX_CHANGES, Outcome as Came, Transaction};
use serde_json::{Value, json};
use tracing::{info, warn};

use super::{Changed, EVENT, Fate, Outcome, REASON, Record, SETTING, UNDONE, Wish, detail, locked, plan};
use crate::{
    call::Call,
    fault,
    health::Health,
    reload::{Author, Change, Failure, Goal, Made},
    runs::Runs,
    setup_codes::SetupCodes,
    state::State,
};

/// Times that a plan is made anew because somebody else changed the configuration meanwhile.
const TRIES: usize = 3;
/// Time that programs get to be gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// The tokens of devices that let their holders in.
pub(super) fn device_tokens(devices: &[Device], at: i64) -> Vec<Kept> {
    let live = |device: &Device| -> Vec<Kept> {
        let roles = device.tokens.iter().filter(|token| token.revoked_at.is_none()).map(|token| token.role);
        let revoke = |role: Role| Kept::RevokeDeviceToken { device_id: device.device_id.clone(), role, at };
        roles.map(revoke).collect()
    };
    devices.iter().flat_map(live).collect()
}

/// The change of the store that keeps a record, or forgets it.
pub(super) fn kept(record: Option<&Record>) -> Kept {
    let value = record.and_then(|record| serde_json::to_value(record).ok()).unwrap_or(Value::Null);
    Kept::PutSetting { name: SETTING.to_owned(), value }
}

/// The record, then as many withdrawals with each transaction as one takes.
pub(super) fn batches(record: &Record, tokens: Vec<Kept>) -> Vec<Vec<Kept>> {
    // A code that was made before may be what was stolen.
    let first = [kept(Some(record)), SetupCodes::withdraw_all()];
    let all: Vec<Kept> = first.into_iter().chain(tokens).collect();
    all.chunks(MAX_CHANGES).map(<[Kept]>::to_vec).collect()
}

/// Locks the gateway down. What cannot be done is said in the outcome and stops nothing else: half a stop is better than none.
pub(crate) async fn lock(call: &Call, method: &'static str, wish: &Wish) -> Outcome {
    let state = call.state();
    let _turn = state.lockdown.turn.lock().await;
    let before = state.lockdown.record();
    let loaded = Arc::clone(&state.active().loaded);
    let steps = plan::steps(&loaded);
    // Whoever asks keeps its own device: it would be locked out by what it asked for.
    let mut devices = state.devices.list();
    devices.retain(|device| call.principal().device_id() != Some(&device.device_id));
    let tokens = device_tokens(&devices, call.now_ms());
    let by = call.principal().audit_name();
    let mut record = locked(before.as_deref(), steps.clone(), &by, wish, call.now_ms());
    let mut outcome = Outcome::of(Some(&record), wish);
    (outcome.locked, outcome.already) = (before.is_some() || !wish.dry_run, before.is_some());
    outcome.changes = plan::edits(&steps).1;
    outcome.revoked_device_tokens = tokens.len();
    let asker = Some(call.conn().number);
    if wish.dry_run {
        if before.is_none() {
            (outcome.since, outcome.by, outcome.reason) = (None, None, None);
        }
        outcome.closed_connections = state.hub.len().saturating_sub(1);
        outcome.stopped_programs = state.spawns.running();
        outcome.aborted_runs = state.runs.active_count();
        return outcome;
    }
    warn!(by = by.as_str(), "The gateway is locked down");
    state.lockdown.set(Some(record.clone()));
    state.cron.reloaded();
    state.heartbeats.reloaded();
    outcome.closed_connections = state.hub.close_admitted_by(close::FINAL, REASON, asker, |_| true).0;
    let programs = state.spawns.all();
    for program in &programs {
        program.control.kill(StopReason::Asked);
    }
    // The record stands before the configuration is changed, so that a crash between the two loses nothing of what was there.
    state.setup_codes.clear();
    let tokens_are_gone = keep(call, method, &record, tokens, &outcome.changes, &mut outcome.problems).await;
    if !tokens_are_gone {
        outcome.revoked_device_tokens = 0;
    }
    match close_configuration(call, method, &mut record, steps).await {
        Ok((changes, made)) => {
            outcome.changes = changes;
            outcome.restart_required = made.map(|made| made.restart_required).unwrap_or_default();
        }
        Err(failure) => {
            outcome.changes.clear();
            let error = WireError::from(failure);
            outcome.problems.push(format!("the configuration could not be changed: {}", error.message));
        }
    }
    state.lockdown.set(Some(record));
    outcome.aborted_runs = stop_runs(state).await;
    outcome.stopped_programs = programs.len();
    for program in programs {
        let mut over = program.over.subscribe();
        if tokio::time::timeout(PATIENCE, over.wait_for(Option::is_some)).await.is_err() {
            outcome.problems.push(format!("the program {} does not end", program.spawned.command));
        }
    }
    if let Err(error) = state.tailscale.take_back().await {
        outcome.problems.push(format!("the publication through Tailscale could not be taken back: {error}"));
    }
    let active = state.active();
    let fixed = matches!(active.loaded.origin_of("gateway.bind"), Origin::Flag | Origin::Env(_));
    if fixed && !active.loaded.config.gateway.is_loopback_only() {
        let text = "a flag or variable makes it listen beyond this machine, whatever the file says; only this machine is answered until it is undone";
        outcome.problems.push(text.to_owned());
    }
    drop(active);
    Health::refresh(state).await;
    outcome
}

/// Keeps the record with what it withdraws. Tells whether that is done.
async fn keep(
    call: &Call,
    method: &'static str,
    record: &Record,
    tokens: Vec<Kept>,
    changes: &[Changed],
    problems: &mut Vec<String>,
) -> bool {
    let state = call.state();
    let told = detail(changes, tokens.len());
    let audit = || AuditEvent {
        severity: "critical".to_owned(),
        reason: record.reason.clone(),
        ..call.audit(EVENT, method, None, told.clone())
    };
    for changes in batches(record, tokens) {
        match state.store.write(Transaction { changes, audit: audit(), idempotency: None }).await {
            Ok(committed) => {
                for came in committed.outcomes {
                    if let Came::Device(device) = came {
                        state.devices.put(device, committed.seq);
                    }
                }
            }
            Err(error) => {
                warn!(%error, "A lockdown could not be kept");
                let text = "the store cannot keep all of it, so it may end with this start of the gateway";
                problems.push(format!("{text}: {error}"));
                return false;
            }
        }
    }
    true
}

/// Changes the configuration as the plan says, and makes the plan anew when somebody was faster.
async fn close_configuration(
    call: &Call,
    method: &'static str,
    record: &mut Record,
    mut steps: Vec<plan::Step>,
) -> Result<(Vec<Changed>, Option<Made>), Failure> {
    let state = call.state();
    for _ in 0..TRIES {
        let (edits, changes) = plan::edits(&steps);
        if edits.is_empty() {
            return Ok((changes, None));
        }
        let base_hash = state.active().loaded.hash.clone();
        match change(call, method, Goal::Edits(edits), Some(base_hash), "security lockdown", Mode::Write).await {
            Ok(made) => return Ok((changes, Some(made))),
            Err(Failure::Change(ChangeError::Conflict { .. })) => {
                // What the owner found in the file is in force now.
                steps = plan::steps(&Arc::clone(&state.active().loaded));
                record.steps = plan::merged(&record.steps, steps.clone());
                let audit = record.audit(EVENT, json!({ "plannedAnew": true }));
                let again = Transaction { changes: vec![kept(Some(record))], audit, idempotency: None };
                state.store.write(again).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
    let edits = plan::edits(&steps).0;
    let made = change(call, method, Goal::Edits(edits), None, "security lockdown", Mode::Write).await?;
    Ok((plan::edits(&steps).1, Some(made)))
}

async fn change(
    call: &Call,
    method: &'static str,
    goal: Goal,
    base_hash: Option<String>,
    note: &str,
    mode: Mode,
) -> Result<Made, Failure> {
    let author = Author {
        actor: call.principal().audit_name(),
        ip: Some(call.conn().ip.to_string()),
        method: Some(method),
        asker: Some(call.conn().number),
    };
    let change = Change { goal, base_hash, note: Some(note.to_owned()), mode, author, key: None };
    call.state().reload.change(change).await
}

async fn stop_runs(state: &Arc<State>) -> usize {
    let mut aborted = 0;
    for key in state.runs.live() {
        match Runs::abort(state, &key, None, "lockdown").await {
            Ok(runs) => aborted += runs.len(),
            Err(error) => warn!(session = key.as_str(), error = %error.message, "A run could not be stopped"),
        }
    }
    aborted
}

/// Ends a lockdown: what it changed is put back, unless somebody changed it since.
///
/// # Errors
/// None holds, or the configuration cannot be changed; then it goes on.
pub(crate) async fn unlock(call: &Call, method: &'static str, wish: &Wish) -> Result<Outcome, WireError> {
    let state = call.state();
    let _turn = state.lockdown.turn.lock().await;
    let record = state.lockdown.record().ok_or_else(super::not_locked)?;
    let mut outcome = Outcome::of(Some(&record), wish);
    outcome.locked = wish.dry_run;
    let mut tries = 0;
    loop {
        let loaded = Arc::clone(&state.active().loaded);
        let (edits, changes) = plan::restored(&record, &loaded);
        outcome.changes = changes;
        if wish.dry_run {
            return Ok(outcome);
        }
        if edits.is_empty() {
            break;
        }
        let base = Some(loaded.hash.clone());
        tries += 1;
        match change(call, method, Goal::Edits(edits), base, "security lockdown --undo", Mode::Write).await {
            Ok(made) => {
                outcome.restart_required = made.restart_required;
                break;
            }
            Err(Failure::Change(ChangeError::Conflict { .. })) if tries < TRIES => {}
            Err(failure) => return Err(failure.into()),
        }
    }
    let detail = detail(&outcome.changes, 0);
    let audit = AuditEvent { severity: "warn".to_owned(), ..call.audit(UNDONE, method, None, detail) };
    let transaction = Transaction { changes: vec![kept(None)], audit, idempotency: None };
    state.store.write(transaction).await.map_err(|error| fault::store(&error))?;
    state.lockdown.set(None);
    state.cron.reloaded();
    state.heartbeats.reloaded();
    info!(by = call.principal().audit_name().as_str(), "The gateway is not locked down any more");
    if state.tailscale.is_wanted() && outcome.changes.iter().any(restores_tailscale) {
        outcome.problems.push("Tailscale publishes it again with the next start of the gateway".to_owned());
    }
    Health::refresh(state).await;
    Ok(outcome)
}

fn restores_tailscale(change: &Changed) -> bool {
    change.path == "gateway.tailscale.mode" && change.state == Fate::Changed
}

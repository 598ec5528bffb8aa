//! Keys that grow old (`security.keyRotation`): what wraps the data keys is made anew by itself, and of keys that only their owner can
//! exchange the log and the audit trail say in time that they are due.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use openclaw_config::{KeyRotation, Loaded};
use openclaw_core::{Environment, record::AuditEvent};
use openclaw_seal::{Ages, Due, Guard, KeyError, KeyRing, Means, Protection};
use serde_json::{Value, json};
use tracing::{info, warn};

use crate::{audit::gateway_audit, state::State};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(60 * 60);

/// Looks until the gateway stops.
pub(crate) async fn run(state: Arc<State>, environment: Environment) {
    let mut told = BTreeSet::new();
    loop {
        round(&state, &environment, &mut told).await;
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Looks once. What was told of is in `told`, and is told again only when it is another key or is overdue.
async fn round(state: &Arc<State>, environment: &Environment, told: &mut BTreeSet<(String, i64, bool)>) {
    let loaded = Arc::clone(&state.active().loaded);
    let Some(rotation) = loaded.config.security.key_rotation.clone().filter(|rotation| rotation.enabled) else {
        return;
    };
    let (working, means) = (Arc::clone(state), Means::of(environment));
    let looked = tokio::task::spawn_blocking(move || look(&working, &loaded, &rotation, &means));
    let Ok((rewrapped, due)) = looked.await else { return };
    match rewrapped {
        Ok(None) => {}
        Ok(Some(guard)) => {
            info!(guard = guard.word(), "The data keys were wrapped anew");
            state.audit_detached(gateway_audit("keys.rewrapped", json!({ "guard": guard.word() })));
        }
        Err(error) => {
            warn!(%error, "The data keys could not be wrapped anew");
            state.audit_detached(AuditEvent {
                severity: "error".to_owned(),
                outcome: "error".to_owned(),
                reason: Some(error.to_string()),
                ..gateway_audit("keys.rewrapped", Value::Null)
            });
        }
    }
    let now = state.clock.now_ms();
    for due in due {
        let overdue = due.at <= now;
        if !told.insert((due.place.clone(), due.since, overdue)) {
            continue;
        }
        let days = (due.at - now).abs() / DAY_MS;
        if overdue {
            warn!(key = due.place.as_str(), days, "A key is overdue to be exchanged");
        } else {
            warn!(key = due.place.as_str(), days, "A key is soon due to be exchanged");
        }
        state.audit_detached(AuditEvent {
            severity: "warn".to_owned(),
            target: Some(due.place),
            ..gateway_audit("keys.due", json!({ "since": due.since, "dueAt": due.at, "overdue": overdue }))
        });
    }
}

fn look(
    state: &State,
    loaded: &Loaded,
    rotation: &KeyRotation,
    means: &Means,
) -> (Result<Option<Guard>, KeyError>, Vec<Due>) {
    let now = state.clock.now_ms();
    let interval = interval_ms(rotation);
    let ring = KeyRing::of(&state.state_dir);
    let rewrapped = ring.standing().and_then(|standing| match standing {
        Some(standing) if standing.wrapped_at.saturating_add(interval) <= now => ring
            .rewrap(means, &Protection::Usual, loaded.config.key_derivation(), &state.ids, now)
            .map(|standing| Some(standing.guard)),
        _ => Ok(None),
    });
    let mut ages = Ages::read(&state.state_dir);
    // Keys that only their owner can exchange.
    let kept = openclaw_config::secrets_of(&loaded.resolved);
    if ages.see(kept.iter().map(|(place, secret)| (place.as_str(), secret)), &state.ids, now)
        && let Err(error) = ages.write(&state.state_dir)
    {
        warn!(%error, "How old keys are could not be kept");
    }
    (rewrapped, ages.due(interval, notice_ms(rotation), now))
}

fn interval_ms(rotation: &KeyRotation) -> i64 {
    rotation.interval.map_or(30 * DAY_MS, |interval| i64::try_from(interval.duration().as_millis()).unwrap_or(i64::MAX))
}

fn notice_ms(rotation: &KeyRotation) -> i64 {
    rotation.notify_before.map_or(7 * DAY_MS, |notice| i64::try_from(notice.duration().as_millis()).unwrap_or(i64::MAX))
}

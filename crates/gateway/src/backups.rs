//! A backup each day, when `security.storage.backupPath` says where to.

use std::{path::PathBuf, sync::Arc, time::Duration};

use openclaw_core::{Environment, record::AuditEvent};
use openclaw_seal::{Means, Protection};
use openclaw_store::backup::{self, Past, Plan, Sealed};
use serde_json::json;
use tracing::{info, warn};

use crate::{audit::gateway_audit, state::State};

/// How old the newest backup may be.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often that is looked at. A gateway that starts often makes no more of them for it.
const LOOK: Duration = Duration::from_secs(10 * 60);
/// A failed one is tried again within some five hours.
const MOST_DOUBLINGS: u32 = 5;

/// Makes them until the gateway stops. One that failed is tried again after longer and longer: each try copies everything.
pub(crate) async fn run(state: Arc<State>, environment: Environment) {
    let mut failures = 0;
    loop {
        failures = if round(&state, &environment).await { 0 } else { failures + 1 };
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK * 2_u32.pow(failures.min(MOST_DOUBLINGS))) => {}
        }
    }
}

/// Makes one if the newest is a day old, and removes those that are too old. Whether all is well.
async fn round(state: &Arc<State>, environment: &Environment) -> bool {
    let loaded = Arc::clone(&state.active().loaded);
    let Some(folder) = loaded.config.backup_folder(&state.state_dir, state.home.as_deref()) else { return true };
    let (working, means) = (Arc::clone(state), Means::of(environment));
    let made = tokio::task::spawn_blocking(move || {
        let now_ms = working.clock.now_ms();
        // One from the future says that the clock was put back, and nothing of today.
        let newest = Past::list(&folder)?.into_iter().map(|past| past.made_at).find(|made| *made <= now_ms);
        if newest.is_some_and(|newest| now_ms.saturating_sub(newest) < DAY_MS) {
            return Ok((None, Vec::new()));
        }
        let storage = loaded.config.security.storage.clone().unwrap_or_default();
        let config: Vec<PathBuf> = loaded.files().map(PathBuf::from).collect();
        let whole = backup::create(&Plan {
            state_dir: &working.state_dir,
            config: &config,
            folder: &folder,
            sealed: storage.backup_encryption.unwrap_or(false).then(|| Sealed {
                means: &means,
                protection: Protection::Usual,
                derivation: loaded.config.key_derivation(),
            }),
            version: openclaw_protocol::VERSION,
            ids: &working.ids,
            now_ms,
        })?;
        // Only once there is a new one that was read back.
        let gone = match storage.backup_retention {
            Some(kept) => {
                let kept = i64::try_from(kept.duration().as_millis()).unwrap_or(i64::MAX);
                backup::prune(&folder, now_ms.saturating_sub(kept))?
            }
            None => Vec::new(),
        };
        Ok::<_, openclaw_store::Error>((Some(whole), gone))
    });
    let audit = match made.await {
        Ok(Ok((None, _))) => return true,
        Ok(Ok((Some(whole), gone))) => {
            info!(path = %whole.path.display(), bytes = whole.bytes, removed = gone.len() as u64, "A backup was made");
            gateway_audit(
                "backup.created",
                json!({
                    "path": whole.path,
                    "bytes": whole.bytes,
                    "sha256": whole.sha256,
                    "encrypted": whole.manifest.encrypted,
                    "removed": gone.len(),
                }),
            )
        }
        Ok(Err(error)) => failed(&error.to_string()),
        Err(_) => failed("it was not finished"),
    };
    let well = audit.outcome == "ok";
    state.audit_detached(audit);
    well
}

fn failed(why: &str) -> AuditEvent {
    warn!(error = why, "No backup was made; it is tried again later");
    AuditEvent {
        severity: "error".to_owned(),
        outcome: "error".to_owned(),
        reason: Some(why.to_owned()),
        ..gateway_audit("backup.failed", serde_json::Value::Null)
    }
}

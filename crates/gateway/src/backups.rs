//! A backup each day, when `security.storage.backupPath` says where to.

use std::{path::PathBuf, sync::Arc, time::Duration};

use openclaw_config::Config;
use openclaw_core::{Environment, record::AuditEvent};
use openclaw_seal::{Means, Protection};
use openclaw_store::backup::{self, Past, Plan, Sealed};
use serde_json::json;
use tracing::{info, warn};

use crate::{audit::gateway_audit, sealing, state::State};

/// How old the newest backup may be.
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// How often that is looked at. A gateway that starts often makes no more of them for it.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// Makes them until the gateway stops.
pub(crate) async fn run(state: Arc<State>, environment: Environment) {
    loop {
        round(&state, &environment).await;
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Where backups go, when the configuration says so.
fn folder(state: &State, config: &Config) -> Option<PathBuf> {
    let path = config.security.storage.as_ref()?.backup_path.as_deref()?;
    Some(match (path.strip_prefix("~/"), &state.home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => state.state_dir.join(path),
    })
}

/// Makes one if the newest is a day old, and removes those that are too old.
pub(crate) async fn round(state: &Arc<State>, environment: &Environment) {
    let loaded = Arc::clone(&state.active().loaded);
    let Some(folder) = folder(state, &loaded.config) else { return };
    let (working, means) = (Arc::clone(state), Means::of(environment));
    let made = tokio::task::spawn_blocking(move || {
        let now_ms = working.clock.now_ms();
        let newest = Past::list(&folder)?.first().map(|past| past.made_at);
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
                derivation: sealing::derivation(&loaded.config),
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
        Ok(Ok((None, _))) => return,
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
    state.audit_detached(audit);
}

fn failed(why: &str) -> AuditEvent {
    warn!(error = why, "No backup was made; it is tried again in ten minutes");
    AuditEvent {
        severity: "error".to_owned(),
        outcome: "error".to_owned(),
        reason: Some(why.to_owned()),
        ..gateway_audit("backup.failed", serde_json::Value::Null)
    }
}

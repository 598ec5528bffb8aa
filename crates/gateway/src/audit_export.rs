//! Copies the audit trail into a file, for people and programs that look at files. The store's table is the truth; the file
//! follows it by number, whatever happens to either, and says so when it cannot.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use openclaw_config::{Config, LogFormat};
use openclaw_core::{audit::Selection, record::AuditEvent};
use openclaw_protocol::{WireError, detail};
use openclaw_store::audit_file::{self, Appender, Form, Found, Refused, Settings};
use serde_json::{Value, json};
use tracing::{error, info, warn};

use crate::{audit::gateway_audit, state::State};

/// Time in which records gather, so that many share one `fsync` of the file.
const GATHER: Duration = Duration::from_millis(200);
/// Time until a file that could not be written is tried again.
const AGAIN: Duration = Duration::from_secs(5);
/// How often the log says where the trail ends, so that a copy of the log elsewhere proves it.
const ANCHOR: Duration = Duration::from_secs(3600);
/// Records that are read at once.
const PAGE: usize = 500;
/// A file with this many bytes is rotated.
const MAX_BYTES: u64 = 64 << 20;

/// The exporter.
#[derive(Debug)]
pub(crate) struct AuditExport {
    /// `None` when no file is wanted.
    wanted: Option<Wanted>,
    /// Why nothing can be written, since when.
    failing: Mutex<Option<Failing>>,
    /// The newest record that was looked at.
    seen: AtomicI64,
    /// The file; held by whoever writes to it.
    appender: tokio::sync::Mutex<Option<Appender>>,
}

#[derive(Debug)]
struct Wanted {
    settings: Settings,
    selection: Selection,
    required: bool,
}

/// Why the file does not follow.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failing {
    /// What is wrong, with the file's path.
    pub(crate) error: String,
    /// Since when, milliseconds since the epoch.
    pub(crate) since: i64,
}

impl AuditExport {
    /// What the configuration asks for. It is taken once: a file that is written to does not move.
    pub(crate) fn new(config: &Config, state_dir: &Path, home: Option<&Path>) -> Self {
        let audit = &config.logging.audit;
        let path = config.audit_file(state_dir, home, audit_file::FILE);
        let wanted = audit.enabled.then(|| Wanted {
            settings: Settings {
                state_dir: state_dir.to_owned(),
                path,
                form: match audit.format {
                    LogFormat::Json => Form::Json,
                    LogFormat::Text => Form::Text,
                },
                encryption: audit.encryption,
                compression: audit.compression,
                retention_ms: config
                    .audit_retention()
                    .map(|period| i64::try_from(period.duration().as_millis()).unwrap_or(i64::MAX)),
                max_bytes: MAX_BYTES,
            },
            // Names were checked when the configuration was loaded.
            selection: Selection::parse(audit.events.iter().map(String::as_str)).unwrap_or_default(),
            required: audit.required,
        });
        Self { wanted, failing: Mutex::default(), seen: AtomicI64::new(0), appender: tokio::sync::Mutex::default() }
    }

    /// Why the file does not follow the trail, when it does not.
    pub(crate) fn failing(&self) -> Option<Failing> {
        self.failing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the file must be written for anything to be changed.
    pub(crate) fn required(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| wanted.required)
    }

    /// Refuses a change while the file that must hold its record cannot be written (`logging.audit.required`).
    ///
    /// # Errors
    /// When that is so.
    pub(crate) fn admit_change(&self) -> Result<(), WireError> {
        match self.failing() {
            Some(failing) if self.required() => Err(WireError::unavailable(
                detail::AUDIT_UNAVAILABLE,
                format!("nothing is changed while the audit file cannot be written: {}", failing.error),
            )
            .retryable(Some(u64::try_from(AGAIN.as_millis()).unwrap_or_default()))),
            _ => Ok(()),
        }
    }

    fn set_failing(&self, state: &State, why: Option<String>) {
        let mut failing = self.failing.lock().unwrap_or_else(PoisonError::into_inner);
        match (&*failing, &why) {
            (None, None) => return,
            (Some(_), None) => info!("The audit file is written again"),
            (Some(before), Some(why)) if before.error == *why => return,
            (_, Some(why)) => {
                error!(error = why.as_str(), "The audit file cannot be written; the records stay in the store");
            }
        }
        let since = failing.as_ref().map_or_else(|| state.clock.now_ms(), |before| before.since);
        *failing = why.map(|error| Failing { error, since });
        state.metrics.audit_export_failing.set(i64::from(failing.is_some()));
        drop(failing);
        state.health.touch();
    }
}

/// Follows the trail until the gateway stops.
pub(crate) async fn run(state: Arc<State>) {
    let mut newest = state.store.newest_record();
    let mut anchored = tokio::time::interval_at(tokio::time::Instant::now() + ANCHOR, ANCHOR);
    let mut told = 0;
    // The first look comes before anything is served from the new start, so that an unwritable file is known at once.
    loop {
        newest.mark_unchanged();
        round(&state, usize::MAX).await;
        let again = state.audit_export.failing().is_some();
        loop {
            tokio::select! {
                () = state.tasks.stopping() => return,
                changed = newest.changed(), if !again => {
                    if changed.is_err() {
                        return;
                    }
                    break;
                }
                () = tokio::time::sleep(AGAIN), if again => break,
                _ = anchored.tick() => {
                    if let Ok(head) = state.store.read(openclaw_store::Reader::audit_head).await
                        && head.seq != told
                    {
                        told = head.seq;
                        info!(seq = head.seq, hash = head.hash_hex().as_str(), "Audit trail anchor");
                    }
                    state.metrics.audit_dropped.set(i64::try_from(state.store.stats().dropped).unwrap_or(i64::MAX));
                }
            }
        }
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = tokio::time::sleep(GATHER) => {}
        }
    }
}

/// Brings the file to where the trail ends now, by so many pages at most. What goes wrong is told, and kept as the reason.
pub(crate) async fn round(state: &Arc<State>, pages: usize) {
    let export = &state.audit_export;
    let Some(wanted) = &export.wanted else { return };
    let mut place = export.appender.lock().await;
    let outcome = follow(state, wanted, &mut place, pages).await;
    let newest = *state.store.newest_record().borrow();
    state.metrics.audit_export_lag.set((newest - export.seen.load(Relaxed)).max(0));
    state.metrics.audit_dropped.set(i64::try_from(state.store.stats().dropped).unwrap_or(i64::MAX));
    if let Err(why) = outcome {
        // Where the file stands is not known any more.
        *place = None;
        export.set_failing(state, Some(why));
    } else {
        export.set_failing(state, None);
    }
}

async fn follow(state: &Arc<State>, wanted: &Wanted, place: &mut Option<Appender>, pages: usize) -> Result<(), String> {
    if place.is_none() {
        let appender = open(state, wanted).await?;
        state.audit_export.seen.store(appender.position(), Relaxed);
        *place = Some(appender);
    }
    for _ in 0..pages {
        let seen = state.audit_export.seen.load(Relaxed);
        let read = state.store.read(move |reader| reader.audit_after(seen, PAGE)).await;
        let records = read.map_err(|error| format!("the audit trail cannot be read: {error}"))?;
        let Some(last) = records.last().map(|record| record.seq) else { return Ok(()) };
        let full = records.len() == PAGE;
        let selected: Vec<_> =
            records.into_iter().filter(|record| wanted.selection.takes(&record.event.event)).collect();
        let Some(mut appender) = place.take() else { return Ok(()) };
        let now = state.clock.now_ms();
        let written = tokio::task::spawn_blocking(move || {
            let done = appender.append(selected, now);
            (appender, done)
        });
        let (appender, done) = written.await.map_err(|error| format!("the audit file's writer ended: {error}"))?;
        done.map_err(|error| error.to_string())?;
        *place = Some(appender);
        state.audit_export.seen.store(last, Relaxed);
        if !full {
            break;
        }
    }
    Ok(())
}

async fn open(state: &Arc<State>, wanted: &Wanted) -> Result<Appender, String> {
    let (settings, key, ids) = (wanted.settings.clone(), state.store.audit_key().clone(), state.ids.clone());
    let opened = tokio::task::spawn_blocking(move || Appender::open(settings, &key, ids)).await;
    let (mut appender, mut found): (Appender, Vec<Found>) = opened
        .map_err(|error| format!("the audit file's writer ended: {error}"))?
        .map_err(|error: Refused| error.to_string())?;
    if let Some(why) = foreign(state, &appender).await? {
        let begun = tokio::task::spawn_blocking(move || appender.begin_anew(why)).await;
        let begun = begun.map_err(|error| format!("the audit file's writer ended: {error}"))?;
        let aside;
        (appender, aside) = begun.map_err(|error| error.to_string())?;
        found.push(aside);
    }
    for found in found {
        let (why, detail) = match found {
            Found::Torn => {
                info!("The audit file ended in the middle of a line, as a crash leaves it; that line is written anew");
                continue;
            }
            Found::Gone { from, to } => ("lines of the audit file were gone", json!({ "from": from + 1, "to": to })),
            Found::Changed { aside, why } => {
                warn!(file = %aside.display(), why = why.as_str(), "The audit file was changed and set aside");
                ("the audit file was changed", json!({ "setAside": aside.display().to_string(), "why": why }))
            }
        };
        warn!(detail = %detail, "The audit file is not as it was written: {why}; its records are written again from the store");
        state.audit_detached(broken(why, detail));
    }
    Ok(appender)
}

/// Whether the file ends with a record that the table does not have: one of them was put back from a copy, or is another gateway's.
async fn foreign(state: &State, appender: &Appender) -> Result<Option<&'static str>, String> {
    let Some((seq, hash)) = appender.last().map(|(seq, hash)| (seq, hash.to_owned())) else { return Ok(None) };
    let read = state.store.read(move |reader| reader.audit_after(seq - 1, 1)).await;
    let records = read.map_err(|error| format!("the audit trail cannot be read: {error}"))?;
    let same = records.first().is_some_and(|record| record.seq == seq && record.hash == hash);
    Ok((!same).then_some("tells of records that this store does not have"))
}

fn broken(why: &str, detail: Value) -> AuditEvent {
    AuditEvent {
        severity: "error".to_owned(),
        outcome: "error".to_owned(),
        reason: Some(why.to_owned()),
        ..gateway_audit("log.chain_broken", detail)
    }
}

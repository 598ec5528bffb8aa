//! The log of security events (`logging.security`): chosen records of the audit trail, one line of JSON each, in a file of their own.
//! The trail proves what happened; this file is for programs that watch files.

use std::{
    backtrace::Backtrace,
    io,
    panic::PanicHookInfo,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use openclaw_config::{Level, SecurityLog as Wanted};
use openclaw_core::{
    Clock,
    audit::Selection,
    record::{AuditEvent, AuditRecord},
};
use openclaw_store::audit_file::Entry;
use serde::{Deserialize, Serialize};
use tracing::{error, info};

use crate::log_file::LogFile;

/// Always for its owner alone, as the audit file is.
const MODE: u32 = 0o600;
/// Bytes at the end of the file in which its last record is looked for.
const TAIL: u64 = 256 * 1024;
/// Lines of a stack that are written.
const FRAMES: usize = 200;

/// The log.
#[derive(Debug)]
pub(crate) struct SecurityLog {
    file: Mutex<LogFile>,
    selection: Selection,
    level: Level,
    clock: Clock,
    failing: AtomicBool,
    /// Number of the last record in the file, when it was opened.
    last: Option<i64>,
}

/// A panic, as a line.
#[derive(Serialize)]
struct Panicked {
    ts: i64,
    event: &'static str,
    severity: &'static str,
    /// Where in the program. What the panic said is on standard error; it could quote what it was given.
    at: String,
    thread: String,
    stack: Vec<String>,
}

impl SecurityLog {
    /// Opens its file.
    ///
    /// # Errors
    /// When that cannot be written.
    pub(super) fn open(wanted: &Wanted, path: &Path, retention: Option<Duration>, clock: &Clock) -> io::Result<Self> {
        let file = LogFile::open(path, MODE, retention, clock.now_ms())?;
        let last = last_record(&file.tail(TAIL)?);
        Ok(Self {
            file: Mutex::new(file),
            // Names were checked when the configuration was loaded.
            selection: Selection::parse(wanted.events.iter().map(String::as_str)).unwrap_or_default(),
            level: wanted.level,
            clock: clock.clone(),
            failing: AtomicBool::new(false),
            last,
        })
    }

    /// Number of the last record that was in the file when it was opened.
    pub(super) const fn last(&self) -> Option<i64> {
        self.last
    }

    /// Whether this is one of the events that were chosen, and severe enough.
    pub(super) fn takes(&self, event: &AuditEvent) -> bool {
        rank(&event.severity) <= self.level as usize && self.selection.takes(&event.event)
    }

    /// Writes records, on a thread that may block.
    pub(super) fn write(&self, records: Vec<AuditRecord>) {
        for record in records {
            self.line(&Entry::from(record).json());
        }
    }

    fn file(&self) -> MutexGuard<'_, LogFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: &str) {
        let mut file = self.file();
        let written = file.line(line, self.clock.now_ms());
        let path = file.path().display().to_string();
        drop(file);
        match written {
            Ok(()) if self.failing.swap(false, Relaxed) => info!(path, "The log of security events is written again"),
            Err(error) if !self.failing.swap(true, Relaxed) => {
                error!(%error, path, "The log of security events cannot be written; its records are in the audit trail");
            }
            _ => {}
        }
    }

    fn panicked(&self, panic: &PanicHookInfo<'_>) {
        let stack = Backtrace::force_capture().to_string();
        let told = Panicked {
            ts: self.clock.now_ms(),
            event: "error.internal",
            severity: "error",
            at: panic.location().map_or_else(|| "somewhere".to_owned(), ToString::to_string),
            thread: std::thread::current().name().unwrap_or("unnamed").to_owned(),
            stack: stack.lines().take(FRAMES).map(|line| line.trim().to_owned()).collect(),
        };
        // Whoever panicked may hold the file; a line less is better than a thread that waits for itself.
        if let (Ok(mut file), Ok(line)) = (self.file.try_lock(), serde_json::to_string(&told)) {
            let _ = file.line(&line, told.ts);
        }
    }
}

/// Has the log told of every panic of this process, beside whoever is told already.
pub(super) fn follow_panics(log: &Arc<SecurityLog>) {
    let log = Arc::downgrade(log);
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if let Some(log) = log.upgrade() {
            log.panicked(panic);
        }
        before(panic);
    }));
}

/// As [`Level`] counts.
fn rank(severity: &str) -> usize {
    let level = match severity {
        "critical" | "error" => Level::Error,
        "warn" => Level::Warn,
        _ => Level::Info,
    };
    level as usize
}

/// Number of the last record in these lines.
fn last_record(tail: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Numbered {
        seq: i64,
    }
    tail.lines().rev().find_map(|line| serde_json::from_str::<Numbered>(line).ok()).map(|line| line.seq)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::audit::gateway_audit;

    fn log(folder: &Path, wanted: &Wanted) -> SecurityLog {
        SecurityLog::open(wanted, &folder.join("security.jsonl"), None, &Clock::manual(7).0).unwrap()
    }

    fn record(seq: i64, event: &str, severity: &str) -> AuditRecord {
        let event = AuditEvent { severity: severity.to_owned(), ..gateway_audit(event, json!({ "a": "b\nc" })) };
        AuditRecord { seq, ts: seq, event, prev: "0".repeat(64), hash: "1".repeat(64) }
    }

    fn lines(folder: &Path) -> Vec<Value> {
        let text = std::fs::read_to_string(folder.join("security.jsonl")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn what_was_chosen_and_is_severe_enough_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = Wanted { events: vec!["authentication_failure".to_owned()], ..Wanted::default() };
        let log = log(folder.path(), &wanted);
        assert!(log.takes(&record(1, "auth.failure", "warn").event));
        assert!(log.takes(&record(1, "auth.failure", "error").event));
        assert!(log.takes(&record(1, "auth.failure", "critical").event), "what is worse than an error, too");
        assert!(!log.takes(&record(1, "auth.failure", "info").event));
        assert!(!log.takes(&record(1, "authz.denied", "warn").event));
        let silent = SecurityLog { level: Level::Silent, ..log };
        assert!(!silent.takes(&record(1, "auth.failure", "error").event));
    }

    #[test]
    fn it_goes_on_where_the_file_ends() {
        let folder = tempfile::tempdir().unwrap();
        let first = log(folder.path(), &Wanted::default());
        assert_eq!(first.last(), None);
        first.write(vec![record(3, "auth.failure", "warn"), record(9, "authz.denied", "warn")]);
        assert_eq!(lines(folder.path()).len(), 2, "one record is one line");
        assert_eq!(log(folder.path(), &Wanted::default()).last(), Some(9));
    }

    #[test]
    fn a_panic_is_written_with_its_place_and_stack_and_not_with_what_it_said() {
        let folder = tempfile::tempdir().unwrap();
        let log = Arc::new(log(folder.path(), &Wanted { include_stack_trace: true, ..Wanted::default() }));
        follow_panics(&log);
        let ended = std::thread::Builder::new().name("unlucky".to_owned()).spawn(|| panic!("the secret is hunter2"));
        ended.unwrap().join().unwrap_err();
        let line = lines(folder.path()).into_iter().find(|line| line["thread"] == "unlucky").unwrap();
        assert!(line["at"].as_str().unwrap().contains("security_log.rs"), "{line}");
        assert!(line["stack"].as_array().is_some_and(|stack| !stack.is_empty()), "{line}");
        assert!(!line.to_string().contains("hunter2"), "{line}");
    }
}

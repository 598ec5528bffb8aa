//! `logging.*`.

use super::scalar::Period;

section! {
    /// What is written down, where and how.
    Logging {
        /// Least severity that is written. `LOG_LEVEL` wins over it. Default `info`.
        level: Level = Level::Info,
        /// Form of the lines. Default: JSON when standard output is not a terminal, else text.
        format: Option<LogFormat> = None,
        /// Also write to this file, mode 0600.
        file: Option<String> = None,
        /// The audit log's file.
        audit: AuditLog = AuditLog::default(),
        /// Extra logging of security events.
        security: SecurityLog = SecurityLog::default(),
        /// Secrets are always masked, whatever this says; kept so that old files load.
        redact_sensitive: Option<String> = None,
    }

    /// The audit log's file. The truth is the store's chained table; the file follows it.
    AuditLog {
        /// Write the file. Default true.
        enabled: bool = true,
        /// Path of the file, its mode is 0600. Default `logs/audit.jsonl` in the state directory; a relative path begins there.
        file: Option<String> = None,
        /// Form of the records. Default `json`.
        format: LogFormat = LogFormat::Json,
        /// Which events reach the file: names such as `auth.failure`, families such as `auth.*`, or the words of
        /// specification 004; empty means all.
        events: Vec<String> = Vec::new(),
        /// How long rotated files are kept, such as `"365d"`. Unset: for ever.
        retention: Option<Period> = None,
        /// Compress rotated files. Default false.
        compression: bool = false,
        /// Encrypt each line with the key in `audit.key`, so that copies of the file tell nothing. Default false.
        encryption: bool = false,
        /// Refuse changes while the file cannot be written. Default false.
        required: bool = false,
    }

    /// Extra logging of security events.
    SecurityLog {
        /// Least severity. Default `warn`.
        level: Level = Level::Warn,
        /// Add stack traces, in the local log only. Default false.
        include_stack_trace: bool = false,
        /// Send an alert for failures. Default false.
        alert_on_failures: bool = false,
        /// Which events; empty means all.
        events: Vec<String> = Vec::new(),
    }
}

words! {
    /// Severity of log lines.
    Level {
        /// Nothing.
        Silent = "silent",
        /// Failures.
        Error = "error",
        /// Things to look at.
        Warn = "warn",
        /// What happens.
        Info = "info",
        /// How it happens.
        Debug = "debug",
        /// Everything.
        Trace = "trace",
    }

    /// Form of log lines.
    LogFormat {
        /// One JSON object per line.
        Json = "json",
        /// Text for people.
        Text = "text",
    }
}

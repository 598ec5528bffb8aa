//! `logging.*`.

use super::scalar::Period;

section! {
    /// What is written down, where and how.
    Logging {
        /// Least severity that is written. `LOG_LEVEL` wins over it. Default `info`.
        level: Level = Level::Info,
        /// Form of the lines. Default: JSON when standard output is not a terminal, else text.
        format: Option<LogFormat> = None,
        /// Also write to this file; a relative path begins in the state directory. Its mode is 0600, or what
        /// `security.storage.logPermissions` says.
        file: Option<String> = None,
        /// The audit log's file.
        audit: AuditLog = AuditLog::default(),
        /// A log of its own for security events, beside the audit file; none when the section is absent.
        security: Option<SecurityLog> = None,
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

    /// A log of its own for security events: `security.jsonl`, mode 0600, in the folder of the audit file.
    SecurityLog {
        /// Least severity. Default `warn`.
        level: Level = Level::Warn,
        /// Write where in the program a panic happened, with its stack, into this log and nowhere else. Default false.
        include_stack_trace: bool = false,
        /// Send an alert when one of these events is a refusal or a failure. Default false.
        alert_on_failures: bool = false,
        /// Which events, by the names that `logging.audit.events` takes; empty means all.
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

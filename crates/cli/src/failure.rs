//! How a command ends badly: the cause, one command that helps, and the exit code.

use std::io;

use openclaw_client::{BadUrl, ConnectError, RequestError};
use openclaw_config::ConfigError;
use serde_json::{Value, json};

/// Exit codes, which scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// Done.
    Ok = 0,
    /// It did not work.
    Failed = 1,
    /// The command line is wrong, or a check has findings.
    Usage = 2,
    /// No gateway answers.
    Unreachable = 3,
    /// The gateway refused.
    Refused = 4,
    /// The configuration keeps the gateway from starting (`EX_CONFIG`).
    Configuration = 78,
    /// Interrupted by the keyboard.
    Interrupted = 130,
}

/// A command that did not work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What is wrong, and where.
    pub(crate) cause: String,
    /// A command, or what else helps.
    pub(crate) help: Option<String>,
    /// A word for programs: the gateway's `details.code`, or one of ours.
    pub(crate) code: String,
}

/// What a command returns.
pub(crate) type Done = Result<Exit, Failure>;

impl Failure {
    pub(crate) fn new(exit: Exit, code: &str, cause: impl Into<String>) -> Self {
        Self { exit, cause: cause.into(), help: None, code: code.to_owned() }
    }

    pub(crate) fn usage(cause: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "USAGE", cause)
    }

    #[must_use]
    pub(crate) fn helped(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// For `--json`.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "ok": false, "error": { "code": self.code, "message": self.cause, "help": self.help } })
    }
}

/// A reader that went away (`openclaw … | head`) is no failure.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Exit::Ok, "CLOSED_PIPE", "");
        }
        Self::new(Exit::Failed, "IO", format!("cannot write the output: {error}"))
    }
}

impl From<BadUrl> for Failure {
    fn from(error: BadUrl) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<ConnectError> for Failure {
    fn from(error: ConnectError) -> Self {
        let (exit, code) = match &error {
            ConnectError::BadUrl(_) => (Exit::Usage, "USAGE"),
            ConnectError::Refused { refusal, .. } => (Exit::Refused, refusal.reason()),
            ConnectError::ProtocolMismatch { .. } => (Exit::Refused, "PROTOCOL_MISMATCH"),
            ConnectError::Tls { .. } => (Exit::Unreachable, "TLS"),
            ConnectError::NotAGateway { .. } => (Exit::Unreachable, "NOT_A_GATEWAY"),
            ConnectError::Timeout { .. } => (Exit::Unreachable, "TIMEOUT"),
            ConnectError::Unreachable { .. } | ConnectError::Ended { .. } => (Exit::Unreachable, "UNREACHABLE"),
            ConnectError::Stopped => (Exit::Interrupted, "STOPPED"),
        };
        let help = match &error {
            ConnectError::Tls { fingerprint: Some(seen), .. } => Some(format!(
                "when the gateway's owner confirms that this is its certificate: --tls-fingerprint {seen}"
            )),
            // On the gateway's own host the secret alone is enough; elsewhere the command line shows its device anyway.
            ConnectError::Refused { refusal, .. }
                if refusal.reason().starts_with("AUTH_TOKEN_M") || refusal.reason() == "DEVICE_IDENTITY_REQUIRED" =>
            {
                Some(
                    "pass --token, or set OPENCLAW_GATEWAY_TOKEN to gateway.auth.token of the gateway's configuration"
                        .to_owned(),
                )
            }
            ConnectError::Refused { refusal, .. } if refusal.reason().starts_with("AUTH_PASSWORD_M") => {
                Some("pass --password, or set OPENCLAW_GATEWAY_PASSWORD".to_owned())
            }
            error => error.next_step(),
        };
        Self { exit, code: code.to_owned(), cause: error.to_string(), help }
    }
}

impl From<RequestError> for Failure {
    fn from(error: RequestError) -> Self {
        let (exit, code) = match &error {
            RequestError::Refused { refusal, .. } => {
                let denied = matches!(refusal.reason(), "MISSING_SCOPE" | "UNAUTHORIZED_ROLE" | "FORBIDDEN");
                (if denied { Exit::Refused } else { Exit::Failed }, refusal.reason())
            }
            RequestError::Ended { .. } => (Exit::Unreachable, "CONNECTION_ENDED"),
            RequestError::Timeout { .. } => (Exit::Failed, "TIMEOUT"),
            RequestError::Params { .. } => (Exit::Usage, "USAGE"),
            RequestError::Answer { .. } | RequestError::TooManyPending { .. } => (Exit::Failed, "ANSWER"),
        };
        let help = match &error {
            RequestError::Timeout { .. } => Some("allow more with --timeout, or look into: openclaw logs".to_owned()),
            error => error.next_step(),
        };
        Self { exit, code: code.to_owned(), cause: error.to_string(), help }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let help = match &error {
            ConfigError::Invalid(_) | ConfigError::Syntax { .. } => Some("openclaw config validate".to_owned()),
            _ => None,
        };
        Self { exit: Exit::Configuration, code: "CONFIG".to_owned(), cause: error.to_string(), help }
    }
}

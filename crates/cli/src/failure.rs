//! How a command ends badly: the cause, one command that helps, and the exit code.

use std::io;

use openclaw_client::{BadUrl, ConnectError, Refusal, RequestError};
use openclaw_config::{ChangeError, ConfigError, HistoryError};
use openclaw_seal::KeyError;
use serde::Serialize;

/// Exit codes, which scripts may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Ok,
    /// It did not work.
    Failed,
    /// The command line is wrong, or a check has findings.
    Usage,
    /// No gateway answers.
    Unreachable,
    /// The gateway refused.
    Refused,
    /// The configuration keeps the gateway from starting (`EX_CONFIG`).
    Configuration,
    /// Interrupted by the keyboard.
    Interrupted,
    /// What a program ended with that the command ran.
    Program(u8),
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::Refused => 4,
            Self::Configuration => 78,
            Self::Interrupted => 130,
            Self::Program(code) => code,
        }
    }
}

/// A command that did not work.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// What is wrong, and where.
    pub(crate) cause: String,
    /// A command, or what else helps.
    pub(crate) hint: Option<String>,
    /// A word for programs: the gateway's `details.code`, or one of ours.
    pub(crate) code: String,
    /// What an ambiguous word may stand for.
    pub(crate) candidates: Vec<String>,
}

/// What a command returns.
pub(crate) type Done = Result<Exit, Failure>;

/// A failure as `--json` prints it.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    ok: bool,
    error: ToldError<'a>,
}

/// The cause for programs.
#[derive(Serialize)]
pub(crate) struct ToldError<'a> {
    code: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    candidates: &'a [String],
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &str, cause: impl Into<String>) -> Self {
        Self { exit, cause: cause.into(), hint: None, code: code.to_owned(), candidates: Vec::new() }
    }

    pub(crate) fn usage(cause: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "USAGE", cause)
    }

    #[must_use]
    pub(crate) fn helped(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The cause alone, as a member of something larger.
    pub(crate) fn error(&self) -> ToldError<'_> {
        ToldError { code: &self.code, message: &self.cause, hint: self.hint.as_deref(), candidates: &self.candidates }
    }

    /// For `--json`.
    pub(crate) fn told(&self) -> Told<'_> {
        Told { ok: false, error: self.error() }
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
        let hint = match &error {
            ConnectError::Tls { fingerprint: Some(seen), .. } => Some(format!(
                "when the gateway's owner confirms that this is its certificate: --tls-fingerprint {seen}"
            )),
            ConnectError::Refused { refusal, .. } => refused(refusal).or_else(|| error.next_step()),
            ConnectError::ProtocolMismatch { .. } => Some(format!(
                "update the older of the two: `openclaw version` here says {}, on the gateway's host it may say another",
                openclaw_protocol::VERSION
            )),
            ConnectError::NotAGateway { .. } => {
                Some("check the port; on the gateway's host run: openclaw gateway status".to_owned())
            }
            error => error.next_step(),
        };
        Self { hint, ..Self::new(exit, code, error.to_string()) }
    }
}

/// What helps against a refusal, in the words of the command line.
fn refused(refusal: &Refusal) -> Option<String> {
    // On the gateway's own host the secret alone is enough; elsewhere the command line shows its device anyway.
    let hint = match refusal.reason() {
        reason if reason.starts_with("AUTH_TOKEN_M") || reason == "DEVICE_IDENTITY_REQUIRED" => {
            "pass --token, or set OPENCLAW_GATEWAY_TOKEN to gateway.auth.token of the gateway's configuration"
        }
        reason if reason.starts_with("AUTH_PASSWORD_M") => "pass --password, or set OPENCLAW_GATEWAY_PASSWORD",
        _ => return None,
    };
    Some(hint.to_owned())
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
        let hint = match &error {
            RequestError::Timeout { .. } => Some("allow more with --timeout, or look into: openclaw logs".to_owned()),
            RequestError::Ended { .. } => Some("see whether it runs: openclaw gateway status".to_owned()),
            RequestError::Answer { .. } => Some("compare the versions: openclaw doctor".to_owned()),
            error => error.next_step(),
        };
        Self { hint, ..Self::new(exit, code, error.to_string()) }
    }
}

/// A change of the configuration that was not made.
impl From<ChangeError> for Failure {
    fn from(error: ChangeError) -> Self {
        let error = match error {
            ChangeError::History(error) => return error.into(),
            error => error,
        };
        let (code, hint) = match &error {
            ChangeError::Conflict { .. } => ("CONFIG_CONFLICT", Some("look at it and try again: openclaw config get")),
            ChangeError::Config(ConfigError::Invalid(_)) | ChangeError::Invalid(_) => {
                ("CONFIG_INVALID", Some("see what may stand there: openclaw config schema <path>"))
            }
            ChangeError::Config(ConfigError::Syntax { .. }) => ("CONFIG_INVALID", Some("openclaw config validate")),
            ChangeError::Edit(_) => ("CONFIG_EDIT", None),
            ChangeError::Keys(_) => ("KEYS", None),
            _ => ("CONFIG", None),
        };
        let failure = Self::new(Exit::Failed, code, format!("nothing was changed: {error}"));
        match hint {
            Some(hint) => failure.helped(hint),
            None => failure,
        }
    }
}

/// Data keys that could not be used.
impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::new(Exit::Failed, "KEYS", error.to_string())
    }
}

impl From<HistoryError> for Failure {
    fn from(error: HistoryError) -> Self {
        const LIST: &str = "see its entries: openclaw config history";
        let cause = error.to_string();
        match error {
            HistoryError::Ambiguous { candidates, .. } => Self {
                candidates,
                ..Self::new(Exit::Usage, "AMBIGUOUS", cause).helped("give more of its first characters")
            },
            HistoryError::NoEntry { .. } => Self::new(Exit::Failed, "NOT_FOUND", cause).helped(LIST),
            _ => Self::new(Exit::Failed, "CONFIG_HISTORY", cause).helped(LIST),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        let hint = match &error {
            ConfigError::Invalid(_) | ConfigError::Syntax { .. } => Some("openclaw config validate".to_owned()),
            _ => None,
        };
        Self { hint, ..Self::new(Exit::Configuration, "CONFIG", error.to_string()) }
    }
}

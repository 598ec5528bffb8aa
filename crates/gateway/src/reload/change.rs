//! A change of the configuration that somebody asks for, and what becomes of it.

use openclaw_config::{
    ChangeError, Config, ConfigError, Difference, Edit, EditError, HistoryError, Issue, Loaded, Mode, Origin,
};
use openclaw_protocol::{WireError, detail};
use openclaw_store::{Idempotency, IdempotentReply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{owner::Author, report::shown_issues, stopping};
use crate::{RunError, fault};

/// How long an idempotency key is kept, milliseconds.
const KEY_LIFE_MS: i64 = 24 * 60 * 60 * 1000;

/// A change that somebody asks for.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) goal: Goal,
    /// The hash that the file must have; whatever it has when absent.
    pub(crate) base_hash: Option<String>,
    /// Why, for the history.
    pub(crate) note: Option<String>,
    /// Whether it is made or only checked.
    pub(crate) mode: Mode,
    pub(crate) author: Author,
    pub(crate) key: Option<Key>,
}

/// Where it goes.
#[derive(Debug)]
pub(crate) enum Goal {
    /// These edits.
    Edits(Vec<Edit>),
    /// Back to an entry of the history; to the one before the newest when none is named.
    Undo(Option<String>),
    /// Whatever this makes of the configuration that is in force when its turn comes, so that of two who ask at once the
    /// second sees what the first did.
    Planned(Planner),
}

/// Works out edits.
pub(crate) struct Planner(pub(crate) Box<Plan>);

/// Edits that a configuration needs, or why it is left as it is.
pub(crate) type Plan = dyn Fn(&Loaded) -> Result<Vec<Edit>, WireError> + Send + Sync;

impl std::fmt::Debug for Planner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Planner")
    }
}

/// Tells a repeated request from a new one.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) scope: String,
    pub(crate) key: String,
    pub(crate) request_hash: String,
}

impl Key {
    /// What the store keeps, so that a repetition gets `made` again.
    pub(super) fn keeps(self, made: &Made, now_ms: i64) -> Idempotency {
        Idempotency {
            scope: self.scope,
            key: self.key,
            request_hash: self.request_hash,
            reply: IdempotentReply::Static(serde_json::to_value(made).unwrap_or(Value::Null)),
            expires_at: now_ms + KEY_LIFE_MS,
        }
    }
}

/// What became of a change.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Made {
    /// Whether the file was written; the configuration may have said so already.
    pub(crate) written: bool,
    /// Hash of the file before.
    pub(crate) before_hash: String,
    /// Hash of the file with the change.
    pub(crate) hash: String,
    /// Its entry in the history.
    pub(crate) id: Option<String>,
    /// Canonical paths of what it changes in the gateway.
    pub(crate) changed_paths: Vec<String>,
    /// Those of them that open connections do not see.
    pub(crate) reconnect: Vec<String>,
    /// Everything that waits for the next start now, from earlier changes too.
    pub(crate) restart_required: Vec<String>,
    pub(crate) warnings: Vec<Warning>,
    /// What differs, as written, without secrets. Not kept for a repetition.
    #[serde(skip)]
    pub(crate) differences: Vec<Difference>,
    /// Whether whoever asked was let in by a credential that this changed.
    #[serde(skip)]
    pub(crate) ends_asker: bool,
}

/// Something that whoever changes the configuration should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Warning {
    /// Where.
    pub(crate) path: String,
    /// What, and what to do.
    pub(crate) message: String,
}

/// Keys that a flag or an environment variable may override.
const OVERRIDABLE: [&str; 10] = [
    "gateway.port",
    "gateway.bind",
    "gateway.customBindHost",
    "gateway.auth.mode",
    "gateway.auth.token",
    "gateway.auth.password",
    "gateway.handshakeTimeoutMs",
    "gateway.remote.url",
    "gateway.tailscale.mode",
    "logging.level",
];

/// What to say about a change from `old` to `new`: what is new to know, and which edits stay without effect for now.
pub(super) fn warnings(old: &Loaded, new: &Loaded) -> Vec<Warning> {
    let at = |loaded: &Loaded, path: &str| loaded.resolved.pointer(&format!("/{}", path.replace('.', "/"))).cloned();
    let overridden = OVERRIDABLE.into_iter().filter(|path| at(old, path) != at(new, path)).filter_map(|path| {
        let by = match new.origin_of(path) {
            Origin::Flag => "the command line".to_owned(),
            Origin::Env(name) => format!("the environment variable {name}"),
            Origin::File | Origin::Default => return None,
        };
        let message = format!("overridden by {by}; what the file says takes effect without that");
        Some(Warning { path: path.to_owned(), message })
    });
    let fresh = new.notices.iter().filter(|notice| !old.notices.contains(notice));
    overridden
        .chain(fresh.map(|notice| Warning { path: notice.path.clone(), message: notice.message.clone() }))
        .collect()
}

/// The shared secrets of a configuration; what was taken out of it must not stay behind in the history.
pub(super) fn shared_secrets(config: &Config) -> impl Iterator<Item = &openclaw_core::Secret> {
    config.gateway.auth.token.iter().chain(&config.gateway.auth.password)
}

/// Why a change was not made. Unless it says otherwise nothing is changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The file, the edit or the history refuses.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// What was asked for does not fit what is in force.
    #[error(transparent)]
    Refused(WireError),
    /// The configuration is valid, and nobody would get in.
    #[error("{0}")]
    NoWayIn(Issue),
    /// The configuration is valid, and the gateway would not start with it.
    #[error(transparent)]
    Unsupported(RunError),
    /// The store cannot take what belongs to it.
    #[error("the store cannot take what belongs to it: {0}")]
    Store(#[from] openclaw_store::Error),
    /// It is in force, and the record of it could not be kept.
    #[error("the change is made and in force, but the record of it could not be kept: {0}")]
    Unrecorded(openclaw_store::Error),
    /// The preparation died.
    #[error("the configuration could not be prepared")]
    Died,
    /// The gateway is stopping.
    #[error("the gateway is stopping")]
    Stopping,
}

impl Failure {
    /// What is wrong with the configuration, when that is what is wrong.
    pub(crate) fn issues(&self) -> Option<Vec<Issue>> {
        match self {
            Self::Change(ChangeError::Config(error @ (ConfigError::Invalid(_) | ConfigError::Syntax { .. })))
            | Self::Change(ChangeError::Edit(EditError::Unreadable(error))) => Some(issues_of(error)),
            Self::Change(error) if !error.issues().is_empty() => Some(error.issues().to_vec()),
            Self::NoWayIn(issue) => Some(vec![issue.clone()]),
            Self::Unsupported(error) => Some(vec![Issue::new("", error.to_string())]),
            _ => None,
        }
    }
}

fn issues_of(error: &ConfigError) -> Vec<Issue> {
    match error {
        ConfigError::Invalid(invalid) => invalid.issues.clone(),
        other => vec![Issue::new("", other.to_string())],
    }
}

impl From<Failure> for WireError {
    fn from(failure: Failure) -> Self {
        if let Some(issues) = failure.issues() {
            let first = issues.first().map(ToString::to_string).unwrap_or_default();
            let more = if issues.len() > 1 { format!(", and {} more", issues.len() - 1) } else { String::new() };
            let shown = serde_json::to_value(shown_issues(&issues)).unwrap_or_default();
            return Self::invalid(detail::INVALID_CONFIG, format!("invalid config: {first}{more}"))
                .with("issues", shown);
        }
        let text = failure.to_string();
        match failure {
            Failure::Change(error) => refused(error),
            Failure::Refused(error) => error,
            Failure::NoWayIn(_) | Failure::Unsupported(_) => Self::invalid(detail::INVALID_CONFIG, text),
            Failure::Store(error) => fault::store(&error),
            Failure::Unrecorded(_) => Self::unavailable(detail::STORE_UNAVAILABLE, text),
            Failure::Died => Self::unavailable(detail::INTERNAL, text),
            Failure::Stopping => stopping(),
        }
    }
}

fn refused(error: ChangeError) -> WireError {
    let text = error.to_string();
    match error {
        // Clients match this text (PROTOCOL §5).
        ChangeError::Conflict { current } => WireError::invalid(detail::CONFLICT, text).with("hash", current),
        ChangeError::Spread { files, .. } => WireError::invalid(detail::CONFLICT, text).with("files", files),
        ChangeError::Edit(_) | ChangeError::Invalid(_) => WireError::params(text),
        ChangeError::History(HistoryError::NoEntry { .. } | HistoryError::NothingBefore) => WireError::not_found(text),
        ChangeError::History(HistoryError::Ambiguous { candidates, .. }) => {
            WireError::params(text).with("candidates", candidates)
        }
        ChangeError::Held { .. } | ChangeError::History(HistoryError::Held { .. }) => {
            WireError::unavailable(detail::CONFIG_UNAVAILABLE, text).retryable(Some(1000))
        }
        ChangeError::Config(_)
        | ChangeError::Keys(_)
        | ChangeError::StaysSealed
        | ChangeError::Folder { .. }
        | ChangeError::Write { .. }
        | ChangeError::History(HistoryError::Io { .. }) => WireError::unavailable(detail::CONFIG_UNAVAILABLE, text),
    }
}

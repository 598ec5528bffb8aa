//! How the configuration's file stands to what is in force, for `health`, `status`, `config.get` and whoever asks.

use std::fmt;

use openclaw_config::{ConfigError, Issue};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// How the file stands to what is in force.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    /// Hash of the configuration in force.
    pub(crate) applied_hash: String,
    /// Changed keys that wait for the next start, canonical, sorted. Until then they are in force as they were at the start.
    pub(crate) restart_required: Vec<String>,
    /// When a changed configuration was last put in force, milliseconds since the epoch.
    pub(crate) last_reload_at: Option<i64>,
    /// The file as it is now, when it cannot be used.
    pub(crate) rejected: Option<Rejected>,
}

impl Report {
    /// What there is to say at the start.
    pub(crate) fn started(hash: &str) -> Self {
        Self { applied_hash: hash.to_owned(), restart_required: Vec::new(), last_reload_at: None, rejected: None }
    }

    /// Hash of the file as it is now, as far as it could be read.
    pub(crate) fn file_hash(&self) -> Option<&str> {
        match &self.rejected {
            Some(rejected) => rejected.hash.as_deref(),
            None => Some(&self.applied_hash),
        }
    }

    /// The report on the wire.
    pub(crate) fn shown(&self) -> Shown {
        Shown {
            status: Status::of(self),
            applied_config_hash: self.applied_hash.clone(),
            file_hash: self.file_hash().map(str::to_owned),
            restart_required: self.restart_required.clone(),
            last_reload_at: self.last_reload_at,
            last_error: self.rejected.as_ref().map(|rejected| LastError {
                at: rejected.at,
                message: rejected.message.clone(),
                issues: shown_issues(&rejected.issues),
            }),
        }
    }

    /// The part of it that whoever may ask for health may know: nothing that was written in the file. `None` when all that
    /// the file says is in force.
    pub(crate) fn summary(&self) -> Option<Summary> {
        (self.rejected.is_some() || !self.restart_required.is_empty()).then(|| Summary {
            hot_reload_status: "active",
            status: Status::of(self),
            restart_required: self.restart_required.clone(),
            issues: self.rejected.as_ref().map(|rejected| rejected.issues.len()),
        })
    }
}

/// A file that cannot be used.
#[derive(Clone)]
pub(crate) struct Rejected {
    /// When that was found, milliseconds since the epoch.
    pub(crate) at: i64,
    /// What is wrong and what to do. Never holds a secret.
    pub(crate) message: String,
    /// Hash of the file, when it could be read.
    pub(crate) hash: Option<String>,
    /// Its text, when it could be read. Holds secrets.
    pub(crate) raw: Option<String>,
    /// What it says, when it could be parsed. Holds secrets.
    pub(crate) parsed: Option<Value>,
    /// What is wrong, item by item.
    pub(crate) issues: Vec<Issue>,
}

impl Rejected {
    /// What became of reading the file.
    pub(crate) fn unreadable(error: ConfigError, at: i64) -> Self {
        let remedy = "the configuration that was read before stays in force";
        match error {
            ConfigError::Invalid(invalid) => {
                let path = invalid.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
                let (count, first) = (invalid.issues.len(), invalid.issues.first().map(ToString::to_string));
                let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
                let first = first.unwrap_or_default();
                Self {
                    at,
                    message: format!("config {path} is not valid: {first}{more}; {remedy}"),
                    hash: Some(invalid.hash),
                    raw: invalid.raw,
                    parsed: Some(invalid.parsed),
                    issues: invalid.issues,
                }
            }
            error => Self::because(format!("{error}; {remedy}"), at),
        }
    }

    /// A file that loads and still cannot be used.
    pub(crate) const fn because(message: String, at: i64) -> Self {
        Self { at, message, hash: None, raw: None, parsed: None, issues: Vec::new() }
    }
}

// Shows nothing of the file, which holds secrets.
impl fmt::Debug for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected").field("message", &self.message).field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Whether the file is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Status {
    /// What the file says is in force, as far as it does not wait for a restart.
    Active,
    /// The file cannot be used; what was read before is in force.
    Rejected,
}

impl Status {
    const fn of(report: &Report) -> Self {
        if report.rejected.is_some() { Self::Rejected } else { Self::Active }
    }
}

/// The report as `status` and `config.get` show it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Whether the file is in force.
    status: Status,
    /// Hash of the configuration in force.
    applied_config_hash: String,
    /// Hash of the file as it is now; absent when it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_hash: Option<String>,
    /// Changed keys that wait for the next start.
    restart_required: Vec<String>,
    /// When a changed configuration was last put in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_reload_at: Option<i64>,
    /// Why the file cannot be used.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<LastError>,
}

/// Why the file cannot be used.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct LastError {
    at: i64,
    message: String,
    issues: Vec<ShownIssue>,
}

/// `configReload` of the health reply.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    /// The official word for a gateway that follows its file.
    hot_reload_status: &'static str,
    status: Status,
    restart_required: Vec<String>,
    /// How many things are wrong with the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    issues: Option<usize>,
}

/// One thing that is wrong with a configuration. Never holds a secret.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ShownIssue {
    /// Where, as it is written: `gateway.auth.mode`. Empty for the whole file.
    path: String,
    /// What was expected, what was found, and what to do.
    message: String,
    /// The words that are allowed there, when it is a closed list.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_values: Vec<String>,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    suggestion: Option<String>,
}

/// Issues on the wire.
pub(crate) fn shown_issues(issues: &[Issue]) -> Vec<ShownIssue> {
    let shown = |issue: &Issue| ShownIssue {
        path: issue.path.clone(),
        message: issue.message.clone(),
        allowed_values: issue.allowed.clone(),
        suggestion: issue.suggestion.clone(),
    };
    issues.iter().map(shown).collect()
}

//! What an audit says.

use serde::Serialize;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Weaker than it needs to be.
    Warn,
    /// Somebody can use it now.
    Critical,
}

impl Severity {
    /// The word that is printed and that `--fail-on` takes.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Critical => "critical",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Names the check, for scripts and for suppressions.
    pub check_id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it is, in one line.
    pub title: String,
    /// Where, and what follows from it. May have several lines.
    pub detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
}

/// How many findings of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Of [`Severity::Critical`].
    pub critical: usize,
    /// Of [`Severity::Warn`].
    pub warn: usize,
    /// Of [`Severity::Info`].
    pub info: usize,
}

impl Summary {
    /// Counts.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        findings.iter().fold(Self::default(), |mut summary, finding| {
            match finding.severity {
                Severity::Critical => summary.critical += 1,
                Severity::Warn => summary.warn += 1,
                Severity::Info => summary.info += 1,
            }
            summary
        })
    }

    /// The worst severity that occurs.
    #[must_use]
    pub const fn worst(self) -> Severity {
        match self {
            Self { critical: 1.., .. } => Severity::Critical,
            Self { warn: 1.., .. } => Severity::Warn,
            _ => Severity::Info,
        }
    }
}

/// A finding that the operator accepted in `security.audit.suppressions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppressed {
    /// The finding.
    #[serde(flatten)]
    pub finding: Finding,
    /// Why it is accepted.
    pub suppression: Suppression,
}

/// Why a finding is accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// The operator's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The outcome of an audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was found, in the order of collection.
    pub findings: Vec<Finding>,
    /// What was found and is accepted.
    pub suppressed: Vec<Suppressed>,
}

impl Report {
    /// Counts of what was found.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary::of(&self.findings)
    }
}

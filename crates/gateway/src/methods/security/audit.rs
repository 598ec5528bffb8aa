//! `security.audit`: how safely the gateway is set up, as `openclaw security audit --json` says it.

use std::sync::Arc;

use openclaw_config::{LoadRequest, Overrides, Paths};

use crate::{
    methods::prelude::*,
    posture::{self, skills},
    state::State,
};

params! {
    /// How far to look.
    {
        /// Also read the text of skills.
        #[serde(default)]
        deep: bool,
    } understood {}
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// When, milliseconds since the epoch.
    ts: i64,
    summary: Summary,
    findings: Vec<Finding>,
    /// What was found and is accepted in `security.audit.suppressions`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed_findings: Vec<Suppressed>,
    /// Secrets that could not be looked at; there are none.
    secret_diagnostics: [(); 0],
}

/// How many findings of each severity.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Summary {
    critical: usize,
    warn: usize,
    info: usize,
}

/// Something that was found. It holds no secret.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// Names the check.
    check_id: String,
    /// `critical`, `warn` or `info`.
    severity: &'static str,
    title: String,
    /// Where, and what follows from it. May have several lines.
    detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<String>,
}

/// A finding that is accepted.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Suppressed {
    check_id: String,
    severity: &'static str,
    title: String,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remediation: Option<String>,
    suppression: Suppression,
}

/// Why it is accepted.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Suppression {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl From<openclaw_posture::Finding> for Finding {
    fn from(found: openclaw_posture::Finding) -> Self {
        Self {
            check_id: found.check_id,
            severity: found.severity.word(),
            title: found.title,
            detail: found.detail,
            remediation: found.remediation,
        }
    }
}

impl From<openclaw_posture::Suppressed> for Suppressed {
    fn from(found: openclaw_posture::Suppressed) -> Self {
        let Finding { check_id, severity, title, detail, remediation } = found.finding.into();
        let suppression = Suppression { reason: found.suppression.reason };
        Self { check_id, severity, title, detail, remediation, suppression }
    }
}

/// Looks at the file as it stands, and at what is around it.
fn look(state: &State, deep: bool) -> Result<openclaw_posture::Report, openclaw_config::ConfigError> {
    let loaded = Arc::clone(&state.active().loaded);
    let request = LoadRequest {
        config_path: loaded.exists.then(|| loaded.path.clone()),
        overrides: Overrides::default(),
        environment: state.environment.clone(),
        home: state.home.clone(),
    };
    let paths = Paths { state_dir: state.state_dir.clone(), config_file: loaded.path.clone() };
    let mut looked = posture::look(&request, paths)?;
    looked.facts.skills = skills::read(&looked, deep).facts;
    looked.facts.passkeys = Some(state.passkeys.list().len());
    looked.facts.broken_chain = state.audit_watch.broken();
    Ok(looked.report())
}

pub(crate) struct SecurityAudit;

impl Method for SecurityAudit {
    const NAME: &'static str = "security.audit";
    const ABOUT: &'static str =
        "Judges how safely the gateway is set up, from its configuration's file and what is around it.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = Arc::clone(call.state());
        let looked = tokio::task::spawn_blocking(move || look(&state, params.deep)).await;
        let report = looked
            .map_err(|_| WireError::unavailable(detail::INTERNAL, "the audit ended before it was done"))?
            .map_err(|error| WireError::invalid(detail::INVALID_CONFIG, error.to_string()))?;
        let summary = report.summary();
        Ok(Reply {
            ts: call.now_ms(),
            summary: Summary { critical: summary.critical, warn: summary.warn, info: summary.info },
            findings: report.findings.into_iter().map(Finding::from).collect(),
            suppressed_findings: report.suppressed.into_iter().map(Suppressed::from).collect(),
            secret_diagnostics: [],
        })
    }
}

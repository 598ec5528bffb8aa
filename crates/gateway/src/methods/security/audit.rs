//! `security.audit`: how safely the gateway is set up, as `openclaw security audit --json` says it.

use std::sync::Arc;

use openclaw_config::{LoadRequest, Overrides, Paths};
use openclaw_core::record::Device;

use crate::{
    methods::prelude::*,
    posture::{self, skills},
    state::State,
};

/// Whoever was not there for so long may be gone for good: 90 days.
const STALE_MS: i64 = 90 * 24 * 60 * 60 * 1000;

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
    looked.facts.stale_devices = stale(&state.devices.list(), state.clock.now_ms());
    Ok(looked.report())
}

/// Devices that could come in and did not for [`STALE_MS`], by what people call them.
fn stale(devices: &[Device], now: i64) -> Vec<String> {
    let is_stale = |device: &&Device| now - device.last_seen_at.unwrap_or(device.approved_at) > STALE_MS;
    let name = |device: &Device| match &device.display_name {
        Some(name) => format!("{name} ({})", device.device_id),
        None => device.device_id.to_string(),
    };
    devices.iter().filter(is_stale).map(name).collect()
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

#[cfg(test)]
mod tests {
    use openclaw_protocol::{DeviceId, Role, Scopes};

    use super::*;

    #[test]
    fn a_device_that_was_not_there_for_ninety_days_is_told_by_its_name() {
        let device = |id: &str, name: Option<&str>, approved_at, last_seen_at| Device {
            device_id: DeviceId::new(id).unwrap(),
            public_key: String::new(),
            display_name: name.map(str::to_owned),
            platform: None,
            device_family: None,
            client_id: None,
            client_mode: None,
            roles: vec![Role::Operator],
            scopes: Scopes::NONE,
            remote_ip: None,
            owner: "operator".to_owned(),
            approved_via: "operator".to_owned(),
            created_at: 0,
            approved_at,
            last_seen_at,
            tokens: Vec::new(),
            revision: 0,
        };
        let devices = [
            device("device-aaaaaaaa", Some("phone"), 0, Some(999)),
            device("device-bbbbbbbb", None, 999, None),
            device("device-cccccccc", Some("laptop"), 0, Some(1000)),
            device("device-dddddddd", Some("new"), 1000, None),
        ];
        assert_eq!(stale(&devices, 1000 + STALE_MS), ["phone (device-aaaaaaaa)", "device-bbbbbbbb"]);
    }
}

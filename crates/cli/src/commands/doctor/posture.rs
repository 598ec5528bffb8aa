//! What `openclaw security audit` finds, in its own words, so that there is one set of findings about safety.

use openclaw_posture::Severity as Weight;

use super::finding::{Finding, Severity};
use crate::{
    commands::security::{self, Fix},
    local::Local,
};

/// Says what to do behind a proxy alone, of which doctor knows nothing.
const NO_PROXY: &str = "gateway.trusted_proxies_missing";

/// Notices of the configuration that say what a finding of the audit says: the key, and the beginning of the finding's id.
const SAID: [(&str, &str); 8] = [
    ("gateway.auth.token", "gateway.token_"),
    ("gateway.auth.password", "gateway.password_"),
    ("gateway.auth.mode", "gateway.loopback_no_auth"),
    ("gateway.auth.trustedProxy.allowLoopback", "gateway.trusted_proxy_allow_loopback"),
    ("gateway.auth.trustedProxy.deviceAutoApprove", "gateway.trusted_proxy_device_auto_approve"),
    ("gateway.controlUi.allowedOrigins", "gateway.control_ui.allowed_origins_wildcard"),
    ("gateway.controlUi.allowInsecureAuth", "gateway.control_ui.insecure_auth"),
    ("metrics.bind", "gateway.metrics_exposed"),
];

/// What was judged.
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    /// What was mended of it.
    pub(super) mended: Vec<Finding>,
    /// What that changed, in the audit's words.
    pub(super) fix: Option<Fix>,
}

/// Judges as the audit does; with `mend` mends as it does, and judges again. Nothing where there is no configuration, or
/// none that can be read, of which another check tells.
pub(super) fn judge(local: &Local, mend: bool) -> Option<Judged> {
    // Before the first start there is nothing to judge; that start makes a configuration with a secret of its own.
    let looked = security::look(local).ok().filter(|looked| looked.loaded.exists)?;
    let before = findings(looked.report());
    if !mend {
        return Some(Judged { findings: before, mended: Vec::new(), fix: None });
    }
    let fix = security::fix(local, &looked);
    // Where it cannot look again, nothing is known to be mended.
    let after = security::look(local).map_or_else(|_| before.clone(), |looked| findings(looked.report()));
    let is_left = |finding: &Finding| after.iter().any(|other| finding.is_the_same(other));
    let mended = before.into_iter().filter(|finding| !is_left(finding)).collect();
    Some(Judged { findings: after, mended, fix: Some(fix) })
}

/// Notes are left to the audit itself: nothing is wrong with them.
fn findings(report: openclaw_posture::Report) -> Vec<Finding> {
    let wrong = |finding: &openclaw_posture::Finding| finding.severity > Weight::Info && finding.check_id != NO_PROXY;
    report.findings.into_iter().filter(wrong).map(Finding::from).collect()
}

impl From<openclaw_posture::Finding> for Finding {
    fn from(found: openclaw_posture::Finding) -> Self {
        let severity = match found.severity {
            Weight::Info => Severity::Info,
            Weight::Warn => Severity::Warning,
            Weight::Critical => Severity::Error,
        };
        let message = if found.detail.is_empty() { found.title } else { format!("{}. {}", found.title, found.detail) };
        let finding = Self::new(found.check_id, severity, message);
        match found.remediation {
            Some(remedy) => finding.hint(remedy),
            None => finding,
        }
    }
}

/// Leaves out what the audit says better.
pub(super) fn without_echoes(findings: Vec<Finding>, judged: &[Finding]) -> Vec<Finding> {
    let found = |id: &str| judged.iter().any(|finding| finding.check_id.starts_with(id));
    let is_echo = |finding: &Finding| match (&*finding.check_id, finding.path.as_deref()) {
        ("config.notice", Some(path)) => SAID.iter().any(|(key, id)| path.starts_with(key) && found(id)),
        ("config.mode", _) => found("fs.config"),
        ("state.folder", _) => found("fs.state_dir") && finding.remedy.is_some(),
        ("state.mode", _) => found("fs.state_dir"),
        _ => false,
    };
    findings.into_iter().filter(|finding| !is_echo(finding)).collect()
}

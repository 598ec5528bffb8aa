//! Whether the configuration can be used, and what its operator should know about it.

use openclaw_config::{ConfigError, Loaded, NoticeKind};

use super::{
    Report,
    finding::{Finding, Remedy, Severity},
};
use crate::local::Local;

/// Loads the configuration as a gateway would.
pub(super) fn check(local: &Local, report: &mut Report) -> Option<Loaded> {
    let error = match local.config(None) {
        Ok(loaded) => {
            report.take(notices(&loaded));
            return Some(loaded);
        }
        Err(error) => error,
    };
    report.take(match &error {
        ConfigError::Invalid(invalid) => invalid
            .issues
            .iter()
            .map(|issue| {
                Finding::new("config.valid", Severity::Error, issue.to_string())
                    .at(&issue.path)
                    .hint("openclaw config validate")
            })
            .collect(),
        ConfigError::Permissions { path, .. } => vec![
            Finding::new("config.mode", Severity::Error, error.to_string())
                .at(path.display().to_string())
                .remedy(Remedy::Mode(path.clone(), 0o600)),
        ],
        error => {
            vec![Finding::new("config.valid", Severity::Error, error.to_string()).hint("openclaw config validate")]
        }
    });
    None
}

fn notices(loaded: &Loaded) -> Vec<Finding> {
    let finding = |notice: &openclaw_config::Notice| {
        let severity = if notice.kind == NoticeKind::Weak { Severity::Warning } else { Severity::Info };
        Finding::new("config.notice", severity, notice.to_string()).at(&notice.path)
    };
    loaded.notices.iter().map(finding).collect()
}

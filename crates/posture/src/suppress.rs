//! Findings that the operator accepted.

use serde_json::Value;

use crate::{Finding, Report, Severity, Suppressed, View, catalogue::found, report::Suppression};

/// Moves what is accepted aside, and says that something is.
pub(crate) fn apply(view: &View<'_>, findings: Vec<Finding>) -> Report {
    let rules: Vec<&Value> =
        view.get("security.audit.suppressions").and_then(Value::as_array).into_iter().flatten().collect();
    let (mut kept, mut suppressed) = (Vec::new(), Vec::new());
    for finding in findings {
        match rules.iter().find(|rule| fits(rule, &finding)) {
            // A finding about flags, of which a suppression is one, would otherwise hide itself.
            Some(rule) if finding.check_id != "config.insecure_or_dangerous_flags" => {
                let reason = rule.get("reason").and_then(Value::as_str).map(str::to_owned);
                suppressed.push(Suppressed { finding, suppression: Suppression { reason } });
            }
            _ => kept.push(finding),
        }
    }
    if !rules.is_empty() {
        let detail = format!(
            "security.audit.suppressions has {} {}; {} {} hidden by it. Hidden findings are listed with --json.",
            rules.len(),
            if rules.len() == 1 { "entry" } else { "entries" },
            suppressed.len(),
            if suppressed.len() == 1 { "finding is" } else { "findings are" },
        );
        kept.push(found("security.audit.suppressions.active", Severity::Info, detail));
    }
    Report { findings: kept, suppressed }
}

fn fits(rule: &Value, finding: &Finding) -> bool {
    let text = |key: &str| rule.get(key).and_then(Value::as_str);
    let holds = |key: &str, whole: &str| {
        text(key).is_none_or(|part| whole.to_lowercase().contains(&part.trim().to_lowercase()))
    };
    text("checkId").is_some_and(|id| id == finding.check_id)
        && holds("titleIncludes", &finding.title)
        && holds("detailIncludes", &finding.detail)
}

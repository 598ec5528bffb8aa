//! Secrets where they need not be.

use crate::{Finding, Severity, View, catalogue::found};

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    if view.is_literal("gateway.auth.password") {
        findings.push(found(
            "config.secrets.gateway_password_in_config",
            Severity::Warn,
            "gateway.auth.password is written out. Passwords are often used elsewhere, too.",
        ));
    }
    if view.is_on("hooks.enabled") && view.is_literal("hooks.token") {
        findings.push(found("config.secrets.hooks_token_in_config", Severity::Info, "hooks.token is written out."));
    }
    for file in &view.facts.former_tokens {
        findings.push(found(
            "auth.rotated_token_in_backup",
            Severity::Warn,
            format!("{file} holds a token that is not in force any more."),
        ));
    }
}

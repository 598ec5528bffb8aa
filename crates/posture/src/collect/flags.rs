//! Switches whose names already warn.

use serde_json::Value;

use crate::{Finding, Severity, View, catalogue::found, view::at};

/// Switches that are dangerous when they are on.
const ON: &[&str] = &[
    "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback",
    "gateway.auth.localBypass",
    "gateway.auth.deviceAuth.allowTokenOnly",
    "gateway.compat.signatureV1",
    "hooks.allowRequestSessionKey",
    "browser.ssrfPolicy.dangerouslyAllowPrivateNetwork",
];
/// Switches that are dangerous when they are off.
const OFF: &[&str] = &["tools.exec.applyPatch.workspaceOnly", "tools.fs.workspaceOnly"];

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let mut add = |flag: String| {
        findings.push(found("config.insecure_or_dangerous_flags", Severity::Warn, flag));
    };
    ON.iter().filter(|path| view.is_on(path)).for_each(|path| add(format!("{path} is true.")));
    OFF.iter().filter(|path| view.is_off(path)).for_each(|path| add(format!("{path} is false.")));
    for (name, hook) in view.get("hooks").and_then(Value::as_object).into_iter().flatten() {
        if hook.get("allowUnsafeExternalContent") == Some(&Value::Bool(true)) {
            add(format!("hooks.{name}.allowUnsafeExternalContent is true."));
        }
    }
    for (index, mapping) in view.get("hooks.mappings").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if mapping.get("allowUnsafeExternalContent") == Some(&Value::Bool(true)) {
            add(format!("hooks.mappings[{index}].allowUnsafeExternalContent is true."));
        }
    }
    for scope in view.scopes() {
        for (key, value) in at(scope.own, "sandbox.docker").and_then(Value::as_object).into_iter().flatten() {
            if key.starts_with("dangerously") && *value == Value::Bool(true) {
                add(format!("{}.sandbox.docker.{key} is true.", scope.path));
            }
        }
    }
    let suppressions = view.get("security.audit.suppressions").and_then(Value::as_array).map_or(0, Vec::len);
    if suppressions > 0 {
        add(format!(
            "security.audit.suppressions has {suppressions} {}.",
            if suppressions == 1 { "entry" } else { "entries" }
        ));
    }
}

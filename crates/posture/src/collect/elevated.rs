//! Who may leave the sandbox.

use serde_json::Value;

use crate::{Finding, Severity, View, catalogue::found_on, view::texts};

/// More people than somebody can keep in mind.
const MANY: usize = 25;

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    // Off unless it is turned on, whatever the lists say.
    if !view.is_on("tools.elevated.enabled") {
        return;
    }
    for (channel, list) in view.get("tools.elevated.allowFrom").and_then(Value::as_object).into_iter().flatten() {
        let list = texts(list);
        let path = format!("tools.elevated.allowFrom.{channel}");
        if list.iter().any(|sender| sender.trim() == "*") {
            findings.push(found_on(
                "tools.elevated.allowFrom.*.wildcard",
                channel,
                Severity::Critical,
                format!("{path} holds *."),
            ));
        } else if list.len() > MANY {
            findings.push(found_on(
                "tools.elevated.allowFrom.*.large",
                channel,
                Severity::Warn,
                format!("{path} lists {} senders.", list.len()),
            ));
        }
    }
}

//! What differs between two documents.

use serde::Serialize;
use serde_json::Value;

use crate::{KeyPath, Step, redact};

/// One place where two configurations differ, without secrets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Where, as it is written.
    pub path: String,
    /// What was there; absent when nothing was. A secret shows as [`crate::REDACTED`] on both sides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What is there now; absent when nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// Where two documents differ, each place as deep as both have it, with what stands there in a form that may be shown.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let (shown_before, shown_after) = (redact(before), redact(after));
    let shown = |path: KeyPath| Difference {
        before: path.get(&shown_before).cloned(),
        after: path.get(&shown_after).cloned(),
        path: path.to_string(),
    };
    places(before, after).into_iter().map(shown).collect()
}

/// The paths where two objects differ, each as deep as both have it.
pub(crate) fn places(before: &Value, after: &Value) -> Vec<KeyPath> {
    let mut found = Vec::new();
    walk(Some(before), Some(after), &mut Vec::new(), &mut found);
    found
}

fn walk(before: Option<&Value>, after: Option<&Value>, steps: &mut Vec<Step>, found: &mut Vec<KeyPath>) {
    if before == after {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => {
            let added = after.keys().filter(|key| !before.contains_key(*key));
            for key in before.keys().chain(added) {
                steps.push(Step::Key(key.clone()));
                walk(before.get(key), after.get(key), steps, found);
                steps.pop();
            }
        }
        (Some(Value::Array(before)), Some(Value::Array(after))) if before.iter().chain(after).all(Value::is_object) => {
            for index in 0..before.len().max(after.len()) {
                steps.push(Step::Index(index));
                walk(before.get(index), after.get(index), steps, found);
                steps.pop();
            }
        }
        _ => found.push(KeyPath::from_steps(steps.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_are_named_as_deep_as_both_sides_have_them_and_secrets_are_hidden() {
        let before = json!({ "gateway": { "port": 1, "auth": { "token": "old-secret-old-secret" } }, "agents": { "list": [{ "id": "a" }, { "id": "b" }] }, "spawn": { "allow": ["x"] } });
        let after = json!({ "gateway": { "port": 2, "auth": { "token": "new-secret-new-secret" }, "tls": { "enabled": true } }, "agents": { "list": [{ "id": "a", "name": "A" }] }, "spawn": { "allow": ["x", "y"] } });
        let found = differences(&before, &after);
        let paths: Vec<&str> = found.iter().map(|difference| difference.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "agents.list[0].name",
                "agents.list[1]",
                "gateway.auth.token",
                "gateway.port",
                "gateway.tls",
                "spawn.allow"
            ]
        );
        assert_eq!(
            (found[2].before.clone(), found[2].after.clone()),
            (Some(json!(crate::REDACTED)), Some(json!(crate::REDACTED)))
        );
        assert_eq!((found[4].before.clone(), found[4].after.clone()), (None, Some(json!({ "enabled": true }))));
        assert_eq!(differences(&after, &after), []);
    }
}

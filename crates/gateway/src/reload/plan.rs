//! What differs between two configurations, and what that takes.

use openclaw_config::Loaded;
use serde_json::Value;

/// Changed canonical paths.
pub(super) struct Plan(Vec<String>);

impl Plan {
    pub(super) fn paths(&self) -> Vec<String> {
        self.0.clone()
    }

    pub(super) fn restart(&self) -> Vec<String> {
        const RESTART: [&str; 6] =
            ["gateway.port", "gateway.bind", "gateway.customBindHost", "gateway.tls", "gateway.tailscale", "metrics"];
        let waits = |path: &&String| RESTART.iter().any(|key| path.starts_with(key));
        self.0.iter().filter(waits).cloned().collect()
    }
}

pub(super) fn plan(old: &Loaded, new: &Loaded) -> Plan {
    let mut paths = Vec::new();
    walk(&old.resolved, &new.resolved, "", &mut paths);
    Plan(paths)
}

fn walk(old: &Value, new: &Value, path: &str, paths: &mut Vec<String>) {
    match (old, new) {
        (old, new) if old == new => {}
        (Value::Object(old), Value::Object(new)) => {
            for key in old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))) {
                let inner = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(old.get(key).unwrap_or(&Value::Null), new.get(key).unwrap_or(&Value::Null), &inner, paths);
            }
        }
        _ => paths.push(path.to_owned()),
    }
}

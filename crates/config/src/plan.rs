//! What a changed configuration means for a gateway that runs.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    Effect, Loaded, Origin,
    model::effect,
    schema::{self, Node},
    value,
};

/// What differs between two configurations in force, and when each part takes effect.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Plan {
    /// The changes, by path.
    pub changes: Vec<PlannedChange>,
}

/// One key that has another value now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedChange {
    /// Its canonical path.
    pub path: String,
    /// When it takes effect.
    pub effect: Effect,
}

impl Plan {
    /// The latest effect of all, `None` when nothing differs.
    #[must_use]
    pub fn latest(&self) -> Option<Effect> {
        self.changes.iter().map(|change| change.effect).max()
    }

    /// The paths with this effect.
    pub fn with(&self, effect: Effect) -> impl Iterator<Item = &str> {
        self.changes.iter().filter(move |change| change.effect == effect).map(|change| change.path.as_str())
    }
}

/// Compares two configurations by what they mean: other names, defaults that are written out, comments and order make no
/// difference, and neither does a key that a flag or environment variable overrides in both.
#[must_use]
pub fn plan(old: &Loaded, new: &Loaded) -> Plan {
    against(Some(old), new)
}

/// As [`plan`]; without an old one, against an empty file.
pub(crate) fn against(old: Option<&Loaded>, new: &Loaded) -> Plan {
    let overridden = |loaded: &Loaded, path: &str| matches!(loaded.origin_of(path), Origin::Flag | Origin::Env(_));
    let schema = schema::schema().to_value();
    let nothing = Value::Object(Map::new());
    let mut paths = Vec::new();
    let old_document = old.map_or(&nothing, |old| &old.resolved);
    walk(Some(Node::new(&schema)), "", Some(old_document), Some(&new.resolved), &mut paths);
    let changes = paths
        .into_iter()
        .filter(|path| !(overridden(new, path) && old.is_none_or(|old| overridden(old, path))))
        .map(|path| PlannedChange { effect: effect::effect(&path), path });
    Plan { changes: changes.collect() }
}

fn walk(node: Option<Node<'_>>, path: &str, old: Option<&Value>, new: Option<&Value>, found: &mut Vec<String>) {
    if old == new {
        return;
    }
    let branches = node.map(Node::branches).unwrap_or_default();
    match (old, new) {
        (Some(Value::Object(_)) | None, Some(Value::Object(_))) | (Some(Value::Object(_)), None) => {
            let nothing = Map::new();
            let object =
                |value: Option<&'_ Value>| value.and_then(Value::as_object).cloned().unwrap_or_else(|| nothing.clone());
            let (old, new) = (object(old), object(new));
            let mut keys: Vec<&String> = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key))).collect();
            keys.sort_unstable();
            for key in keys {
                let inner = branches.iter().find_map(|branch| branch.property(key));
                walk(inner, &value::join(path, key), old.get(key), new.get(key), found);
            }
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) if old.iter().chain(new).all(Value::is_object) => {
            let inner = branches.iter().find_map(|branch| branch.items());
            for index in 0..old.len().max(new.len()) {
                let at = value::item(path, index);
                match (old.get(index), new.get(index)) {
                    (Some(old), Some(new)) => walk(inner, &at, Some(old), Some(new), found),
                    _ => found.push(at),
                }
            }
        }
        _ => {
            let default = node.and_then(Node::default).unwrap_or(&Value::Null);
            if old.unwrap_or(default) != new.unwrap_or(default) {
                found.push(path.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LoadRequest, Overrides, load};

    fn planned(old: &str, new: &str, overrides: &Overrides) -> Vec<(String, Effect)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("openclaw.json");
        let request =
            LoadRequest { config_path: Some(path.clone()), overrides: overrides.clone(), ..LoadRequest::default() };
        let [old, new] = [old, new].map(|text| {
            crate::write::draft(&path, text.as_bytes(), 0o600, None).unwrap();
            load(&request).unwrap()
        });
        plan(&old, &new).changes.into_iter().map(|change| (change.path, change.effect)).collect()
    }

    #[test]
    fn a_plan_names_each_changed_key_by_its_canonical_name() {
        let old = "{ gateway: { port: 1, token: 'secret-0123456789abcdefghijk' }, agents: { list: [{ id: 'a' }, { id: 'b' }] } }";
        let new = "{ gateway: { port: 2, auth: { token: 'other-0123456789abcdefghijkl' }, limits: { maxPayload: 70000 } }, agents: { list: [{ id: 'a', name: 'A' }] }, logging: { level: 'warn' } }";
        assert_eq!(
            planned(old, new, &Overrides::default()),
            [
                ("agents.list[0].name".to_owned(), Effect::Hot),
                ("agents.list[1]".to_owned(), Effect::Hot),
                ("gateway.auth.token".to_owned(), Effect::Hot),
                ("gateway.limits.maxPayload".to_owned(), Effect::Reconnect),
                ("gateway.port".to_owned(), Effect::Restart),
                ("logging.level".to_owned(), Effect::Hot),
            ]
        );
    }

    #[test]
    fn what_means_the_same_and_what_is_overridden_is_no_change() {
        let none = Overrides::default();
        assert_eq!(
            planned(
                "{}",
                "{ gateway: { port: 18789, auth: { rateLimit: {} } }, logging: { level: 'info' } } // x",
                &none
            ),
            []
        );
        assert_eq!(planned("{ gateway: { bind: '127.0.0.1' } }", "{ gateway: { bind: 'loopback' } }", &none), []);
        let port = Overrides { port: Some(5), ..Overrides::default() };
        assert_eq!(planned("{}", "{ gateway: { port: 7 } }", &port), []);
        assert_eq!(planned("{}", "{ gateway: { port: 7 } }", &none), [("gateway.port".to_owned(), Effect::Restart)]);
    }
}

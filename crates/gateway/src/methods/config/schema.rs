//! `config.schema`: everything that a configuration may say, for forms and editors.

use std::{collections::BTreeMap, sync::Arc};

use openclaw_config::{Effect, schema_lookup};
use serde_json::value::RawValue;
use tokio::sync::OnceCell;

use crate::methods::prelude::*;

/// Deepest place that gets a hint of its own; a form asks for deeper ones with `config.schema.lookup`.
const DEEPEST: usize = 3;

params! {
    /// Nothing is needed.
    {} understood {}
}

/// The schema, serialised once: it is the same for as long as the program runs.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Reply(Arc<RawValue>);

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Whole {
    /// JSON Schema, draft 7, without references. Secrets are `writeOnly`.
    schema: Value,
    /// What forms show beside it, by path.
    ui_hints: BTreeMap<String, Hint>,
    /// Version of the gateway.
    version: &'static str,
    /// The same for all answers of one gateway: when it was first asked, ISO 8601.
    generated_at: String,
}

/// What a form shows for one place.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Hint {
    label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The first key of its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<usize>,
    /// Whether its value is a secret.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sensitive: bool,
    advanced: bool,
    /// `reconnect` where a change holds for new connections only, `restart` where it waits for the next start.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    tags: &'static [&'static str],
}

impl JsonSchema for Reply {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ConfigSchema".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Whole::json_schema(generator)
    }
}

/// The hint for a place of the schema.
pub(super) fn hint(path: &str, help: Option<String>, secret: bool, effect: Effect) -> Hint {
    let key = path.rsplit('.').next().unwrap_or(path);
    Hint {
        label: label(key),
        help,
        group: path.contains('.').then(|| path.split('.').next().unwrap_or_default().to_owned()),
        order: None,
        sensitive: secret,
        // What nobody needs to set to begin with.
        tags: match effect {
            Effect::Hot => &[],
            Effect::Reconnect => &["reconnect"],
            Effect::Restart => &["restart"],
        },
        advanced: ["limits", "compat"].iter().any(|word| path.split('.').any(|part| part == *word)),
    }
}

/// `maxDevicesPerUser` as people read it: `Max devices per user`.
fn label(key: &str) -> String {
    let mut label = String::with_capacity(key.len() + 4);
    let mut before = ' ';
    for letter in key.trim_end_matches("[]").chars() {
        if letter.is_uppercase() && before.is_lowercase() {
            label.push(' ');
        }
        before = letter;
        if label.is_empty() {
            label.extend(letter.to_uppercase());
        } else {
            label.extend(letter.to_lowercase());
        }
    }
    label
}

fn hints() -> BTreeMap<String, Hint> {
    let mut hints = BTreeMap::new();
    let mut open = vec![String::new()];
    while let Some(path) = open.pop() {
        let Some(entry) = schema_lookup(&path) else { continue };
        for (order, child) in entry.children.into_iter().enumerate() {
            // Names that operators choose have no label.
            if matches!(child.key.as_str(), "*" | "[]") {
                continue;
            }
            let depth = child.path.split('.').count();
            let mut hint = hint(&child.path, child.description, child.secret, child.effect);
            if depth == 1 {
                hint.order = Some(order);
            }
            if depth < DEEPEST && child.has_children {
                open.push(child.path.clone());
            }
            hints.insert(child.path, hint);
        }
    }
    hints
}

pub(crate) struct Schema;

impl Method for Schema {
    const NAME: &'static str = "config.schema";
    const ABOUT: &'static str = "Everything that a configuration may say: its JSON Schema and hints for forms.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        // A constant of the program, worked out once when somebody first wants it: thousands who ask at the same time wait for one.
        static REPLY: OnceCell<Arc<RawValue>> = OnceCell::const_new();
        let make = || async {
            let generated_at = jiff::Timestamp::from_millisecond(call.now_ms()).unwrap_or_default().to_string();
            let made = call.state().reload.look_up(move |_| {
                let schema = openclaw_config::schema().to_value();
                let whole = Whole { schema, ui_hints: hints(), version: openclaw_protocol::VERSION, generated_at };
                serde_json::value::to_raw_value(&whole)
            });
            let made = made.await?.map_err(|error| WireError::unavailable(detail::INTERNAL, error.to_string()))?;
            Ok::<Arc<RawValue>, WireError>(made.into())
        };
        Ok(Reply(Arc::clone(REPLY.get_or_try_init(make).await?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_labelled_for_people() {
        for (key, shown) in [
            ("gateway", "Gateway"),
            ("maxDevicesPerUser", "Max devices per user"),
            ("tokenTTL", "Token ttl"),
            ("list[]", "List"),
        ] {
            assert_eq!(label(key), shown);
        }
    }

    #[test]
    fn sections_and_secrets_have_hints() {
        let hints = hints();
        assert!(hints["gateway"].order.is_some() && hints["gateway"].group.is_none());
        assert_eq!(hints["gateway.port"].group.as_deref(), Some("gateway"));
        assert!(hints["gateway.auth.token"].sensitive && !hints["gateway.auth.mode"].sensitive);
        assert!(hints["gateway.limits.maxPayload"].advanced);
        assert_eq!((hints["gateway.port"].tags, hints["agents.list"].tags), (&["restart"][..], &[][..]));
    }
}

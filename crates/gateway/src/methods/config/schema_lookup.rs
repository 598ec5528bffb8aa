//! `config.schema.lookup`: one place of the schema and the keys inside it, so that a form need not load the whole.

use openclaw_config::{Effect, schema_lookup};

use super::{
    change,
    schema::{Hint, hint},
};
use crate::methods::prelude::*;

params! {
    /// Which place.
    {
        /// Such as `gateway.auth` or `agents.list[]`; the whole configuration when empty.
        #[serde(default)]
        path: String,
    } understood {}
}

/// When a change of a key takes effect.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ReloadKind {
    /// At once, for all new work.
    Hot,
    /// For connections that are made from then on.
    Reconnect,
    /// With the next start.
    Restart,
}

impl From<Effect> for ReloadKind {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Hot => Self::Hot,
            Effect::Reconnect => Self::Reconnect,
            Effect::Restart => Self::Restart,
        }
    }
}

/// One place of the schema.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// Its canonical path.
    path: String,
    /// Its own schema, without that of the keys inside it.
    schema: Value,
    /// Its default, when it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    /// What to know about it when it does not do what it says yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    standing: Option<String>,
    reload_kind: ReloadKind,
    hint: Hint,
    hint_path: String,
    /// The keys inside it.
    children: Vec<Child>,
}

/// One key inside.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Child {
    /// The key; `*` for any, `[]` for the items of a list.
    key: String,
    path: String,
    /// Its JSON type, or several with `|` between them.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    required: bool,
    has_children: bool,
    reload_kind: ReloadKind,
    hint: Hint,
    hint_path: String,
}

pub(crate) struct SchemaLookup;

impl Method for SchemaLookup {
    const NAME: &'static str = "config.schema.lookup";
    const ABOUT: &'static str = "One place of the configuration's schema and the keys inside it.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let path = params.path;
        let found = call.state().reload.look_up(move |_| schema_lookup(&path)).await?;
        let Some(entry) = found else {
            return Err(change::bad::<Self>("path", "names no key of the configuration; config.schema has them all"));
        };
        let child = |child: openclaw_config::SchemaChild| Child {
            kind: (!child.types.is_empty()).then(|| child.types.join("|")),
            required: child.required,
            has_children: child.has_children,
            reload_kind: child.effect.into(),
            hint: hint(&child.path, child.description, child.secret),
            hint_path: child.path.clone(),
            key: child.key,
            path: child.path,
        };
        Ok(Reply {
            hint: hint(&entry.path, entry.description, entry.secret),
            hint_path: entry.path.clone(),
            path: entry.path,
            schema: entry.schema,
            default: entry.default,
            standing: entry.standing,
            reload_kind: entry.effect.into(),
            children: entry.children.into_iter().map(child).collect(),
        })
    }
}

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

/// When a change of a key takes effect, in the words of the official clients. What holds for new connections only is hot to them and
/// has the tag `reconnect`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ReloadKind {
    /// While the gateway runs.
    Hot,
    /// With the next start.
    Restart,
}

impl From<Effect> for ReloadKind {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Hot | Effect::Reconnect => Self::Hot,
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
    /// Its own schema with its default, without that of the keys inside it.
    schema: Value,
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
            hint: hint(&child.path, child.description, child.secret, child.effect),
            hint_path: child.path.clone(),
            key: child.key,
            path: child.path,
        };
        let help = match (entry.description, entry.standing) {
            (Some(description), Some(standing)) => Some(format!("{description} {standing}")),
            (description, standing) => description.or(standing),
        };
        Ok(Reply {
            hint: hint(&entry.path, help, entry.secret, entry.effect),
            hint_path: entry.path.clone(),
            path: entry.path,
            schema: entry.schema,
            reload_kind: entry.effect.into(),
            children: entry.children.into_iter().map(child).collect(),
        })
    }
}

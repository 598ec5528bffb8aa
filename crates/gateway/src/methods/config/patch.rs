//! `config.patch`: merges a patch into the configuration.
//!
//! RFC 7396: objects are merged key by key, `null` takes a key out, anything else, lists included, replaces what is there.

use openclaw_config::Edit;
use serde_json::Map;

use super::change::{self, Changed, Terms};
use crate::{methods::prelude::*, reload::Goal};

/// Most objects that one patch may replace as a whole.
const REPLACED: usize = 64;

params! {
    /// `raw`, or `patch`.
    {
        /// The patch as JSON5 text.
        #[serde(default)]
        raw: Option<String>,
        /// The patch.
        #[serde(default)]
        patch: Option<Map<String, Value>>,
        /// Where the patch belongs; the whole configuration when absent.
        #[serde(default)]
        path: Option<String>,
        /// `hash` of `config.get`. Needed with `raw` when the file exists; else a change of whatever is there when absent.
        #[serde(default)]
        base_hash: Option<String>,
        /// Objects of the patch that replace what is there instead of being merged into it.
        #[serde(default)]
        replace_paths: Vec<String>,
        /// Why, for the history.
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        idempotency_key: Option<String>,
    } understood { session_key delivery_context restart_delay_ms }
}

pub(crate) struct Patch;

impl Method for Patch {
    const NAME: &'static str = "config.patch";
    const ABOUT: &'static str = "Merges a patch into the configuration (RFC 7396) and puts that in force.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Changed;

    async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
        let Params { raw, patch, path, base_hash, replace_paths, note, idempotency_key, .. } = params;
        let (patch, base_hash) = match (raw, patch) {
            (Some(raw), None) => (change::patch_of(&raw)?, change::seen(&call, base_hash)?),
            (None, Some(patch)) => (Value::Object(patch), base_hash),
            (None, None) => return Err(change::bad::<Self>("raw", "is missing: send raw or patch")),
            (Some(_), Some(_)) => return Err(change::bad::<Self>("patch", "means the same as raw; send one of them")),
        };
        if replace_paths.len() > REPLACED {
            return Err(change::bad::<Self>("replacePaths", &format!("must not name more than {REPLACED} paths")));
        }
        let path = path.map(|path| change::key_path::<Self>(&path, "path")).transpose()?;
        let mut edits = vec![Edit::Merge { path, patch: patch.clone() }];
        for path in replace_paths {
            let path = change::key_path::<Self>(&path, "replacePaths")?;
            // A path that the patch says nothing about is left alone.
            if let Some(value) = path.get(&patch).filter(|value| value.is_object()).cloned() {
                edits.push(Edit::Set { path, value });
            }
        }
        change::make::<Self>(&call, Goal::Edits(edits), Terms { base_hash, note, idempotency_key }).await
    }
}

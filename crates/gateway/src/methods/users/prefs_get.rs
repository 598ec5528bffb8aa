//! `users.prefs.get`: what the owner prefers, as views keep it.

use super::{LONGEST_NAME, MOST, PREFERENCES};
use crate::methods::prelude::*;

params! {
    /// Which preferences.
    {
        /// Their names; all when absent.
        #[serde(default)]
        keys: Option<Vec<String>>,
    } understood {}
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Reply {
    /// Always `ok`.
    status: &'static str,
    /// Values by name; names without one are left out.
    entries: serde_json::Map<String, Value>,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "users.prefs.get";
    const ABOUT: &'static str = "What the owner prefers, as views keep it: looks, places, switches.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 1;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        if let Some(keys) = &params.keys
            && (keys.len() > MOST || keys.iter().any(|key| key.is_empty() || key.len() > LONGEST_NAME))
        {
            let text = format!("keys must be at most {MOST} names of 1 to {LONGEST_NAME} bytes");
            return Err(WireError::params(text));
        }
        let kept = call.state().store.read(|reader| reader.setting(PREFERENCES)).await;
        let mut entries = match kept.map_err(|error| fault::store(&error))? {
            Some(Value::Object(entries)) => entries,
            _ => serde_json::Map::new(),
        };
        if let Some(keys) = params.keys {
            entries.retain(|name, _| keys.contains(name));
        }
        Ok(Reply { status: "ok", entries })
    }
}

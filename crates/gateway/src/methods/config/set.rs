//! `config.set`: one value at a path (specification 003), or the whole text (today's protocol).

use openclaw_config::Edit;

use super::change::{self, Changed, Terms};
use crate::{methods::prelude::*, reload::Goal};

params! {
    /// `path` and `value`, or `raw`.
    {
        /// Where, such as `gateway.port` or `agents.list[0].model`.
        #[serde(default)]
        path: Option<String>,
        /// The same, as specification 003 has it.
        #[serde(default)]
        key: Option<String>,
        /// What is to stand there.
        #[serde(default, deserialize_with = "change::present")]
        value: Option<Value>,
        /// The whole text of the file, in its own format.
        #[serde(default)]
        raw: Option<String>,
        /// `hash` of `config.get`. Needed with `raw` when the file exists; else a change of whatever is there when absent.
        #[serde(default)]
        base_hash: Option<String>,
        /// Why, for the history.
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        idempotency_key: Option<String>,
    } understood { session_key delivery_context restart_delay_ms }
}

pub(crate) struct Set;

impl Method for Set {
    const NAME: &'static str = "config.set";
    const ABOUT: &'static str = "Sets one value of the configuration, or replaces its text, and puts that in force.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Changed;

    async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
        let Params { path, key, value, raw, base_hash, note, idempotency_key, .. } = params;
        let (edit, base_hash) = match (raw, value) {
            (Some(text), None) if path.is_none() && key.is_none() => {
                (Edit::Replace { text }, change::seen(&call, base_hash)?)
            }
            (None, Some(value)) => (Edit::Set { path: change::named::<Self>(path, key)?, value }, base_hash),
            (None, None) => return Err(change::bad::<Self>("value", "is missing: send path and value, or raw")),
            (Some(_), _) => return Err(change::bad::<Self>("raw", "stands alone: send path and value, or raw")),
        };
        change::make::<Self>(&call, Goal::Edits(vec![edit]), Terms { base_hash, note, idempotency_key }).await
    }
}

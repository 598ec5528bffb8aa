//! `config.apply`: replaces the whole configuration.

use openclaw_config::Edit;

use super::change::{self, Changed, Terms};
use crate::{methods::prelude::*, reload::Goal};

params! {
    /// The whole text.
    {
        /// The text of the file, in its own format.
        raw: String,
        /// `hash` of `config.get`. Needed when the file exists.
        #[serde(default)]
        base_hash: Option<String>,
        /// Why, for the history.
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        idempotency_key: Option<String>,
    } understood { session_key delivery_context restart_delay_ms }
}

pub(crate) struct Apply;

impl Method for Apply {
    const NAME: &'static str = "config.apply";
    const ABOUT: &'static str = "Replaces the whole configuration and puts that in force.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Changed;

    async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
        let Params { raw, base_hash, note, idempotency_key, .. } = params;
        let base_hash = change::seen(&call, base_hash)?;
        let goal = Goal::Edits(vec![Edit::Replace { text: raw }]);
        change::make::<Self>(&call, goal, Terms { base_hash, note, idempotency_key }).await
    }
}

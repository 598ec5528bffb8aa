//! `config.unset`: takes one value out, so that its default holds again.

use openclaw_config::Edit;

use super::change::{self, Changed, Terms};
use crate::{methods::prelude::*, reload::Goal};

params! {
    /// Where.
    {
        /// Such as `gateway.port` or `agents.list[0]`.
        #[serde(default)]
        path: Option<String>,
        /// The same, as specification 003 names it.
        #[serde(default)]
        key: Option<String>,
        /// `hash` of `config.get`; a change of whatever is there when absent.
        #[serde(default)]
        base_hash: Option<String>,
        /// Why, for the history.
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        idempotency_key: Option<String>,
    } understood {}
}

pub(crate) struct Unset;

impl Method for Unset {
    const NAME: &'static str = "config.unset";
    const ABOUT: &'static str = "Takes one value out of the configuration, so that its default holds again.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Changed;

    async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
        let Params { path, key, base_hash, note, idempotency_key } = params;
        let goal = Goal::Edits(vec![Edit::Unset { path: change::named::<Self>(path, key)? }]);
        change::make::<Self>(&call, goal, Terms { base_hash, note, idempotency_key }).await
    }
}

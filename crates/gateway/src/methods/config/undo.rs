//! `config.undo`: goes back to what the configuration was before. That is a change like any other.

use super::change::{self, Changed, Terms};
use crate::{methods::prelude::*, reload::Goal};

params! {
    /// Where to go back to.
    {
        /// An entry of `config.history`, or the beginning of its id; the one before the newest when absent.
        #[serde(default)]
        id: Option<String>,
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

pub(crate) struct Undo;

impl Method for Undo {
    const NAME: &'static str = "config.undo";
    const ABOUT: &'static str =
        "Goes back to what the configuration was before; secrets that were replaced stay replaced.";
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 20;
    const AUDIT: Audit = Audit::Change("config.changed");
    const REPEAT: Repeat = Repeat::Keyed;
    type Params = Params;
    type Reply = Changed;

    async fn call(call: Call, params: Params) -> Result<Changed, WireError> {
        let Params { id, base_hash, note, idempotency_key } = params;
        change::make::<Self>(&call, Goal::Undo(id), Terms { base_hash, note, idempotency_key }).await
    }
}

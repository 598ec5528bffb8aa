//! `config.get`: the configuration in force, without its secrets.

use crate::methods::prelude::*;

params! {
    /// Nothing is needed.
    {} understood {}
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "config.get";
    const ABOUT: &'static str = "The configuration in force; secrets are replaced by a marker.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Value;

    async fn call(call: Call, _: Params) -> Result<Value, WireError> {
        let loaded = call.state().config();
        let parsed = openclaw_config::redact(&loaded.parsed);
        let resolved = openclaw_config::redact(&loaded.resolved);
        let warnings: Vec<Value> =
            loaded.notices.iter().map(|notice| json!({ "path": notice.path, "message": notice.message })).collect();
        Ok(json!({
            "path": loaded.path, "exists": loaded.exists, "raw": null, "parsed": parsed, "valid": true, "config": resolved,
            "resolved": resolved, "hash": loaded.hash, "issues": [], "warnings": warnings, "legacyIssues": [],
        }))
    }
}

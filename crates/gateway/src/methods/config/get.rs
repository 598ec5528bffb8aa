//! `config.get`: the file as it is, the configuration in force, and how the two stand to each other; without secrets.

use std::sync::Arc;

use crate::{
    methods::prelude::*,
    reload::{Shown, ShownIssue, shown_issues},
};

params! {
    /// Nothing is needed.
    {} understood {}
}

/// What is in the file and what is in force.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    /// The file.
    path: String,
    /// Files that it includes.
    included_paths: Vec<String>,
    /// Kept for the official clients; what an include gave is not told apart.
    include_provenance: [Value; 0],
    /// As above.
    agent_roster_include_owned: bool,
    /// As above.
    bindings_include_owned: bool,
    /// Whether the file is there.
    exists: bool,
    /// Its text. For administrators, because people write anything into comments; `null` also where a secret cannot be cut out of it.
    raw: Option<String>,
    /// What it says, as written.
    parsed: Value,
    /// The same.
    source_config: Value,
    /// What is in force, under canonical names.
    resolved: Value,
    /// The same.
    runtime_config: Value,
    /// The same.
    config: Value,
    /// Whether the file can be used.
    valid: bool,
    /// Hash of the file: the `baseHash` of a change. Absent when the file cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    config_revision_hash: Option<String>,
    /// Hash of what is in force.
    applied_config_hash: String,
    /// What is wrong with the file.
    issues: Vec<ShownIssue>,
    /// What is worth knowing about what is in force.
    warnings: Vec<Warning>,
    /// Kept for the official clients: old names are mapped and among the warnings.
    legacy_issues: [Value; 0],
    /// Changed keys that wait for the next start.
    restart_required: Vec<String>,
    /// How the file stands to what is in force.
    reload: Shown,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Warning {
    path: String,
    message: String,
}

pub(crate) struct Get;

impl Method for Get {
    const NAME: &'static str = "config.get";
    const ABOUT: &'static str = "The configuration's file and what is in force; secrets are replaced by a marker.";
    const ACCESS: Access = Access::Scope(Scope::Read);
    const COST: u32 = 2;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, _: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let (loaded, report) = (Arc::clone(&state.active().loaded), state.reload.report());
        let rejected = report.rejected.as_ref();
        let (raw, written) = match rejected {
            None => (loaded.raw.as_ref(), Some(&loaded.parsed)),
            Some(rejected) => (rejected.raw.as_ref(), rejected.parsed.as_ref()),
        };
        // Of a file that does not parse nobody knows where its secrets are.
        let raw = raw.zip(written).filter(|_| call.principal().is_admin());
        let raw = raw.and_then(|(raw, written)| openclaw_config::redact_raw(raw, written));
        let parsed = openclaw_config::redact(written.unwrap_or(&Value::Null));
        let resolved = openclaw_config::redact(&loaded.resolved);
        let warning =
            |notice: &openclaw_config::Notice| Warning { path: notice.path.clone(), message: notice.message.clone() };
        let hash = report.file_hash().map(str::to_owned);
        Ok(Reply {
            path: loaded.path.display().to_string(),
            included_paths: Vec::new(),
            include_provenance: [],
            agent_roster_include_owned: false,
            bindings_include_owned: false,
            exists: loaded.exists,
            raw,
            source_config: parsed.clone(),
            parsed,
            runtime_config: resolved.clone(),
            config: resolved.clone(),
            resolved,
            valid: rejected.is_none(),
            config_revision_hash: hash.clone(),
            hash,
            applied_config_hash: report.applied_hash.clone(),
            issues: rejected.map(|rejected| shown_issues(&rejected.issues)).unwrap_or_default(),
            warnings: loaded.notices.iter().map(warning).collect(),
            legacy_issues: [],
            restart_required: report.restart_required.clone(),
            reload: report.shown(),
        })
    }
}

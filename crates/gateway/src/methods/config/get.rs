//! `config.get`: the file as it is, the configuration in force, and how the two stand to each other; without secrets.

use std::sync::Arc;

use openclaw_config::{KeyPath, Loaded, Origin};

use super::change;
use crate::{
    methods::prelude::*,
    reload::{Report, Shown, ShownIssue, Warning, shown_issues},
};

params! {
    /// Nothing, or which key.
    {
        /// One key alone, such as `gateway.port`; any of its names.
        #[serde(default)]
        path: Option<String>,
    } understood {}
}

/// Everything, or one key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Reply {
    /// Everything.
    Whole(Box<Whole>),
    /// One key.
    One(One),
}

/// One key.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct One {
    /// The file.
    path: String,
    /// Hash of the file: the `baseHash` of a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<String>,
    /// Canonical path of the key.
    key: String,
    /// Its value, or its default; `null` when there is neither. A secret is replaced by a marker.
    value: Value,
    /// Who says so: `file`, `default`, `flag`, or `env:` with the variable's name. What a flag or variable says is not shown.
    origin: String,
    /// Whether a change of it still waits for the next start.
    restart_required: bool,
}

/// What is in the file and what is in force.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Whole {
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

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let state = call.state();
        let (loaded, report) = (Arc::clone(&state.active().loaded), state.reload.report());
        let admin = call.principal().is_admin();
        // Finding the secrets asks the whole schema, for which no connection should wait.
        let found = state.reload.look_up(move |_| match params.path {
            Some(path) => one(&path, &loaded, &report).map(Reply::One),
            None => Some(Reply::Whole(Box::new(Whole::of(&loaded, &report, admin)))),
        });
        found
            .await?
            .ok_or_else(|| change::bad::<Self>("path", "names no key of the configuration; config.schema has them all"))
    }
}

fn one(path: &str, loaded: &Loaded, report: &Report) -> Option<One> {
    let entry = openclaw_config::schema_lookup(path)?;
    let shown = openclaw_config::redact(&loaded.resolved);
    let value = match entry.path.parse::<KeyPath>() {
        Ok(key) => key.get(&shown).cloned(),
        // The whole has no path.
        Err(_) => Some(shown),
    };
    let (origin, value) = match (loaded.origin_of(&entry.path), value) {
        (Origin::Flag, _) => ("flag".to_owned(), Value::Null),
        (Origin::Env(name), _) => (format!("env:{name}"), Value::Null),
        (_, Some(value)) => ("file".to_owned(), value),
        (_, None) => ("default".to_owned(), entry.default.unwrap_or_default()),
    };
    Some(One {
        path: loaded.path.display().to_string(),
        hash: report.file_hash().map(str::to_owned),
        restart_required: report.restart_required.contains(&entry.path),
        key: entry.path,
        value,
        origin,
    })
}

impl Whole {
    fn of(loaded: &Loaded, report: &Report, admin: bool) -> Self {
        let rejected = report.rejected.as_ref();
        let (raw, written) = match rejected {
            None => (loaded.raw.as_ref(), Some(&loaded.parsed)),
            Some(rejected) => (rejected.raw.as_ref(), rejected.parsed.as_ref()),
        };
        // Of a file that does not parse nobody knows where its secrets are.
        let raw = raw.zip(written).filter(|_| admin);
        let raw = raw.and_then(|(raw, written)| openclaw_config::redact_raw(raw, written));
        let parsed = openclaw_config::redact(written.unwrap_or(&Value::Null));
        let resolved = openclaw_config::redact(&loaded.resolved);
        let warning =
            |notice: &openclaw_config::Notice| Warning { path: notice.path.clone(), message: notice.message.clone() };
        let hash = report.file_hash().map(str::to_owned);
        Self {
            path: loaded.path.display().to_string(),
            included_paths: loaded.files().skip(1).map(|file| file.display().to_string()).collect(),
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
        }
    }
}

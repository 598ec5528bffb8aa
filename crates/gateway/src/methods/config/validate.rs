//! `config.validate`: checks a change without making it.

use openclaw_config::{Edit, Mode};
use serde_json::Map;

use super::{
    change::{self, Terms},
    diff::Differs,
};
use crate::{
    methods::prelude::*,
    reload::{Goal, ShownIssue, Warning, shown_issues},
};

params! {
    /// `raw`, `patch`, or `path` and `value`; without any of them the file as it is.
    {
        /// The whole text of the file, in its own format.
        #[serde(default)]
        raw: Option<String>,
        /// A patch, as of `config.patch`.
        #[serde(default)]
        patch: Option<Map<String, Value>>,
        /// Where the value is to stand.
        #[serde(default)]
        path: Option<String>,
        /// What is to stand there.
        #[serde(default, deserialize_with = "change::present")]
        value: Option<Value>,
    } understood {}
}

/// Whether the change could be made, and what it would do.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    valid: bool,
    /// What is wrong.
    issues: Vec<ShownIssue>,
    /// What is worth knowing about it.
    warnings: Vec<Warning>,
    /// What would differ, as written; secrets are replaced by a marker.
    differences: Vec<Differs>,
    /// Canonical paths of what would have another value.
    changed_paths: Vec<String>,
    /// Those of them that would hold for new connections only.
    reconnect_required: Vec<String>,
    /// Keys that would wait for the next start.
    restart_required: Vec<String>,
}

pub(crate) struct Validate;

impl Method for Validate {
    const NAME: &'static str = "config.validate";
    const ABOUT: &'static str =
        "Checks a change of the configuration, or the file as it is, without changing anything.";
    // It fills in environment variables, and an issue may quote a short word that it finds there.
    const ACCESS: Access = Access::Scope(Scope::Admin);
    const COST: u32 = 10;
    const AUDIT: Audit = Audit::None;
    const REPEAT: Repeat = Repeat::Harmless;
    type Params = Params;
    type Reply = Reply;

    async fn call(call: Call, params: Params) -> Result<Reply, WireError> {
        let edits = match params {
            Params { raw: None, patch: None, path: None, value: None } => vec![],
            Params { raw: Some(text), patch: None, path: None, value: None } => vec![Edit::Replace { text }],
            Params { raw: None, patch: Some(patch), path, value: None } => {
                let path = path.map(|path| change::key_path::<Self>(&path, "path")).transpose()?;
                vec![Edit::Merge { path, patch: Value::Object(patch) }]
            }
            Params { raw: None, patch: None, path: Some(path), value: Some(value) } => {
                vec![Edit::Set { path: change::key_path::<Self>(&path, "path")?, value }]
            }
            _ => return Err(change::bad::<Self>("raw", "send raw, or patch, or path and value")),
        };
        match change::ask::<Self>(&call, Goal::Edits(edits), Terms::default(), Mode::DryRun).await {
            Ok(made) => Ok(Reply {
                valid: true,
                issues: Vec::new(),
                warnings: made.warnings,
                differences: made.differences.into_iter().map(Differs::from).collect(),
                changed_paths: made.changed_paths,
                reconnect_required: made.reconnect,
                restart_required: made.restart_required,
            }),
            Err(failure) => match failure.issues() {
                Some(issues) => Ok(Reply {
                    valid: false,
                    issues: shown_issues(&issues),
                    warnings: Vec::new(),
                    differences: Vec::new(),
                    changed_paths: Vec::new(),
                    reconnect_required: Vec::new(),
                    restart_required: Vec::new(),
                }),
                None => Err(failure.into()),
            },
        }
    }
}

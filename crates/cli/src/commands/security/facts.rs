//! What an audit judges, as the command line looks it up.

use std::path::PathBuf;

use openclaw_config::{ConfigError, LoadRequest, Overrides};
pub(super) use openclaw_gateway::posture::{Looked, backups, former_secrets};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    local::Local,
};

/// What a configuration that cannot be used prints as JSON, in the shape of the reference.
#[derive(serde::Serialize)]
struct Broken {
    ok: bool,
    error: BrokenError,
    issues: Vec<BrokenIssue>,
}

#[derive(serde::Serialize)]
struct BrokenError {
    r#type: &'static str,
    message: String,
}

#[derive(serde::Serialize)]
struct BrokenIssue {
    path: String,
    message: String,
}

/// What loading a configuration for judging needs.
pub(super) fn request(local: &Local, path: Option<PathBuf>) -> LoadRequest {
    LoadRequest {
        config_path: path,
        overrides: Overrides::default(),
        environment: local.environment.clone(),
        home: local.home.clone(),
    }
}

/// Looks everything up that needs no gateway.
pub(crate) fn look(local: &Local) -> Result<Looked, ConfigError> {
    openclaw_gateway::posture::look(&request(local, None), local.paths()?)
}

/// Ends a command whose configuration cannot be used: exit 1, and as JSON the shape of the reference.
pub(super) fn broken(context: &mut Context, error: ConfigError) -> Done {
    if !context.output.json {
        return Err(Failure { exit: Exit::Failed, ..Failure::from(error) });
    }
    let issues = error.issues().iter();
    let issues = issues.map(|issue| BrokenIssue { path: issue.path.clone(), message: issue.to_string() }).collect();
    let error = BrokenError { r#type: "cli_error", message: error.to_string() };
    context.output.value(&Broken { ok: false, error, issues })?;
    Ok(Exit::Failed)
}

//! Runs schemathesis against the optimised gateway: requests made from its own OpenAPI document, good and bad.
//!
//! Nothing may be answered that the document does not say, and nothing may break. It lives in `schemathesis` below cargo's target
//! folder.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::{
    checks, process,
    serving::{self, Serving},
    workspace::Workspace,
};

/// The release that is installed.
const PACKAGE: &str = "schemathesis==4.32.5";
/// Credential of the gateway that is asked.
const TOKEN: &str = "schemathesis-token-0123456789abcdef";
/// What is looked at in every answer.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth";
/// Asks every operation of the document so often.
///
/// # Errors
/// When Python 3 or the network is missing, and when an answer is not as the document says.
pub(crate) fn run(workspace: &Workspace, examples: u32) -> Result<()> {
    let folder = workspace.target.join("schemathesis");
    let program = serving::python(&folder, PACKAGE)?.join("schemathesis");
    let gateway = format!(
        "auth: {{ token: '{TOKEN}' }}, http: {{ endpoints: {{ chatCompletions: {{ enabled: true }}, \
         responses: {{ enabled: true }} }} }}"
    );
    let serving = Serving::start(&checks::build_optimised(workspace)?, &folder, &gateway)?;
    let mut schemathesis = Command::new(&program);
    schemathesis.current_dir(&folder).arg("--config-file").arg(settings(&folder)?).arg("run");
    schemathesis
        .arg(workspace.root.join("docs/openapi.json"))
        .args(["--url", &format!("http://127.0.0.1:{}", serving.port)]);
    schemathesis.args(["--header", &format!("Authorization: Bearer {TOKEN}"), "--checks", CHECKS, "--workers", "2"]);
    schemathesis.args(["--phases", "coverage,fuzzing", "--max-examples", &examples.to_string(), "--seed", "1"]);
    schemathesis.args(["--continue-on-failure", "--no-shrink", "--warnings", "off", "--request-timeout", "30"]);
    // Streams have no end to wait for, and what changes the credential or locks everything would end the run.
    schemathesis.args([
        "--exclude-path",
        "/events",
        "--exclude-path-regex",
        "^/rpc/(config\\.(set|apply|patch|unset|undo)|gateway\\.secret\\.rotate|security\\.lockdown)$",
    ]);
    process::run(&mut schemathesis)
}

/// What is no fault: a part that is not there yet says so with 501 or 503, and a model that does not answer with 502.
fn settings(folder: &Path) -> Result<PathBuf> {
    let file = folder.join("schemathesis.toml");
    let text = "[checks]\nnot_a_server_error.expected-statuses = [\"2xx\", \"4xx\", 501, 502, 503]\n";
    fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(file)
}

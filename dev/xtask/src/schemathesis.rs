//! Runs schemathesis against the optimised gateway: requests made from its own OpenAPI document, good and bad.
//!
//! Nothing may be answered that the document does not say, and nothing may break. It lives in `schemathesis` below cargo's target
//! folder.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context, Result, ensure};

use crate::{checks, process, workspace::Workspace};

/// The release that is installed.
const PACKAGE: &str = "schemathesis==4.32.5";
/// Credential of the gateway that is asked.
const TOKEN: &str = "schemathesis-token-0123456789abcdef";
/// What is looked at in every answer.
const CHECKS: &str =
    "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,ignored_auth";
/// How often, every 50 ms, the gateway is asked whether it listens.
const START_TRIES: u32 = 200;

/// A gateway that ends with this.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Asks every operation of the document so often.
///
/// # Errors
/// When Python 3 or the network is missing, and when an answer is not as the document says.
pub(crate) fn run(workspace: &Workspace, examples: u32) -> Result<()> {
    let folder = workspace.target.join("schemathesis");
    let program = set_up(&folder)?;
    let gateway = checks::build_optimised(workspace)?;
    let state = folder.join("state");
    let _ = fs::remove_dir_all(&state);
    fs::create_dir_all(&state).with_context(|| format!("cannot create {}", state.display()))?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
    let config = format!(
        "{{ gateway: {{ port: {port}, auth: {{ token: '{TOKEN}' }}, http: {{ endpoints: {{ chatCompletions: {{ enabled: true }}, \
         responses: {{ enabled: true }} }} }} }}, metrics: {{ enabled: false }} }}"
    );
    let file = state.join("openclaw.json");
    fs::write(&file, config).with_context(|| format!("cannot write {}", file.display()))?;
    process::run(Command::new("chmod").arg("600").arg(&file))?;
    let log = fs::File::create(folder.join("gateway.log"))?;
    let mut command = Command::new(&gateway);
    command.args(["gateway", "run"]).env_clear().env("HOME", &state).env("OPENCLAW_STATE_DIR", &state);
    let child =
        command.env("OPENCLAW_CONFIG_PATH", &file).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn();
    let _server = Server(child.context("cannot start the gateway")?);
    let listens = (0..START_TRIES).any(|_| {
        thread::sleep(Duration::from_millis(50));
        TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
    });
    ensure!(listens, "the gateway does not listen; its log is in {}", folder.join("gateway.log").display());
    let mut schemathesis = Command::new(&program);
    schemathesis.current_dir(&folder).arg("--config-file").arg(settings(&folder)?).arg("run");
    schemathesis.arg(workspace.root.join("docs/openapi.json")).args(["--url", &format!("http://127.0.0.1:{port}")]);
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

/// The program, installed on first use.
fn set_up(folder: &Path) -> Result<PathBuf> {
    let program = folder.join("python/bin/schemathesis");
    let said = process::read(Command::new(&program).arg("--version")).unwrap_or_default();
    if PACKAGE.split("==").nth(1).is_some_and(|version| said.trim_end().ends_with(version)) {
        return Ok(program);
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    process::run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("python")))?;
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE];
    process::run(Command::new(folder.join("python/bin/python")).args(quiet))?;
    Ok(program)
}

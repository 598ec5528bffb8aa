//! Runs the Autobahn test suite against the echo example of `openclaw-websocket`.
//!
//! Groups 1–7, 9 and 10; groups 12 and 13 test permessage-deflate, which is never negotiated. The suite needs Python
//! 2.7 and lives in `autobahn` below cargo's target folder, where its HTML report is found afterwards.

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use crate::workspace::Workspace;

/// Last release of virtualenv that runs on Python 2.7.
const VIRTUALENV: &str = "virtualenv==20.15.1";
/// The suite is published without its requirements; these versions work together.
const PACKAGES: [&str; 12] = [
    "autobahntestsuite==25.10.1",
    "twisted==20.3.0",
    "autobahn==0.10.9",
    "txaio==2.1.0",
    "jinja2==2.11.3",
    "markupsafe==1.1.1",
    "werkzeug==1.0.1",
    "klein==20.6.0",
    "pyopenssl==21.0.0",
    "cryptography==3.3.2",
    "service_identity==18.1.0",
    "unittest2==1.1.0",
];
/// The last group whose cases take no longer than a moment each.
const LAST_BRIEF_GROUP: u32 = 7;
/// Groups to run, with the number of cases that each is known to have.
const GROUPS: [(u32, usize, &str); 9] = [
    (1, 16, "data framing"),
    (2, 11, "pings and pongs"),
    (3, 7, "reserved bits"),
    (4, 10, "opcodes"),
    (5, 20, "fragmentation"),
    (6, 145, "UTF-8 handling"),
    (7, 37, "close handling"),
    (9, 54, "limits and performance"),
    (10, 1, "automatic fragmentation"),
];
/// Name of the echo server in the report.
const AGENT: &str = "openclaw-websocket";
/// How often, every 50 ms, the echo server is asked whether it listens.
const START_TRIES: u32 = 200;

/// Results by case, as in the suite's `index.json`.
type Report = BTreeMap<String, BTreeMap<String, Outcome>>;

#[derive(Deserialize)]
struct Outcome {
    behavior: String,
    #[serde(rename = "behaviorClose")]
    close: String,
}

impl Outcome {
    /// The worse of the two: what happened to the messages, and to the close handshake.
    fn verdict(&self) -> Verdict {
        let of = |text: &str| match text {
            "OK" => Verdict::Ok,
            "INFORMATIONAL" => Verdict::Informational,
            "NON-STRICT" => Verdict::NonStrict,
            _ => Verdict::Failed,
        };
        of(&self.behavior).max(of(&self.close))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Ok,
    Informational,
    NonStrict,
    Failed,
}

/// Which groups are run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Those that take seconds: framing, fragments, closing.
    Brief,
    /// All, with long messages and many of them.
    Whole,
}

impl Extent {
    /// The groups, the number of cases that each is known to have, and what they are about.
    fn groups(self) -> impl Iterator<Item = &'static (u32, usize, &'static str)> {
        GROUPS.iter().filter(move |(group, ..)| self == Self::Whole || *group <= LAST_BRIEF_GROUP)
    }
}

/// Whether the suite can run here.
pub(crate) fn possible() -> Result<()> {
    python27().map(drop)
}

/// Sets the suite up when it is not there, runs it and prints a table.
///
/// # Errors
/// When Python 2.7 or the network is missing, and when a case fails or did not run.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    let folder = workspace.target.join("autobahn");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let suite = set_up(&folder)?;
    let mut cargo = workspace.cargo();
    let built = cargo.args(["build", "--workspace", "--example", "echo"]).status();
    ensure!(built.context("cannot start cargo")?.success(), "the echo example does not build");
    let echo = format!("echo{}", std::env::consts::EXE_SUFFIX);
    let server = Server::start(&workspace.target.join("debug/examples").join(echo))?;
    let report = measure(&folder, &suite, server.port, extent)?;
    print(&report, &folder, extent)
}

/// The suite's program, installed on first use.
fn set_up(folder: &Path) -> Result<PathBuf> {
    let suite = folder.join("py27/bin/wstest");
    // Names what was installed, so that a change of the list installs again.
    let ready = folder.join("installed");
    let wanted = PACKAGES.join("\n");
    if suite.is_file() && fs::read_to_string(&ready).is_ok_and(|installed| installed == wanted) {
        return Ok(suite);
    }
    let python = python27()?;
    let bootstrap = folder.join("bootstrap");
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    step(
        Command::new(&python).args(quiet).arg("--upgrade").arg("--target").arg(&bootstrap).arg(VIRTUALENV),
        "install virtualenv",
    )?;
    step(
        Command::new(&python).env("PYTHONPATH", &bootstrap).args(["-m", "virtualenv"]).arg(folder.join("py27")),
        "make a Python 2.7 environment",
    )?;
    // Two of the suite's own pins contradict this list; it runs with these all the same, so pip must not resolve them.
    step(Command::new(folder.join("py27/bin/python")).args(quiet).args(PACKAGES), "install the suite")?;
    fs::write(&ready, wanted).context("cannot mark the suite as installed")?;
    Ok(suite)
}

/// Python 2.7 from the search path or from pyenv.
fn python27() -> Result<PathBuf> {
    let mut candidates = vec![PathBuf::from("python2.7")];
    if let Some(home) = std::env::home_dir()
        && let Ok(versions) = fs::read_dir(home.join(".pyenv/versions"))
    {
        let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("2.7."));
        candidates.extend(versions.flatten().map(|entry| entry.path()).filter(named).map(|p| p.join("bin/python2.7")));
    }
    for python in candidates {
        // A pyenv shim exists without the version behind it, so only running it tells.
        let probe = Command::new(&python).args(["-m", "pip", "--version"]).output();
        if probe.is_ok_and(|output| output.status.success()) {
            return Ok(python);
        }
    }
    bail!(
        "the Autobahn suite needs Python 2.7 with pip, found neither on PATH nor in ~/.pyenv/versions; \
         install it with `pyenv install 2.7.18`"
    )
}

fn step(command: &mut Command, what: &str) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot {what}"))?;
    ensure!(output.status.success(), "cannot {what}:\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The echo server, stopped when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(program: &Path) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = port.context("no free port on 127.0.0.1")?.port();
        let child = Command::new(program).arg(port.to_string()).stdin(Stdio::null()).spawn();
        let child = child.with_context(|| format!("cannot start {}", program.display()))?;
        let server = Self { child, port };
        for _ in 0..START_TRIES {
            if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("the echo server does not listen on 127.0.0.1:{port}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is left to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn measure(folder: &Path, suite: &Path, port: u16, extent: Extent) -> Result<BTreeMap<String, Outcome>> {
    let cases: Vec<_> = extent.groups().map(|(group, ..)| format!("{group}.*")).collect();
    let spec = serde_json::json!({
        "outdir": folder.join("report"),
        "servers": [{ "agent": AGENT, "url": format!("ws://127.0.0.1:{port}") }],
        "cases": cases,
        "exclude-cases": [],
        "exclude-agent-cases": {},
    });
    let spec_file = folder.join("spec.json");
    fs::write(&spec_file, spec.to_string()).context("cannot write the test plan")?;
    let index = folder.join("report/index.json");
    // A report of an earlier run must not pass for this one.
    if index.exists() {
        fs::remove_file(&index).context("cannot remove the old report")?;
    }
    let log = File::create(folder.join("wstest.log")).context("cannot create the log")?;
    let status = Command::new(suite)
        .args(["-m", "fuzzingclient", "-s"])
        .arg(&spec_file)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().context("cannot share the log")?)
        .stderr(log)
        .status()
        .context("cannot start the suite")?;
    ensure!(status.success(), "the suite failed, see {}", folder.join("wstest.log").display());
    let text = fs::read(&index).with_context(|| format!("the suite wrote no {}", index.display()))?;
    let mut report: Report = serde_json::from_slice(&text).context("unreadable report")?;
    report.remove(AGENT).context("the report does not know the echo server")
}

fn print(cases: &BTreeMap<String, Outcome>, folder: &Path, extent: Extent) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:<28} {:>6} {:>6} {:>13} {:>11} {:>7}",
        "group", "cases", "OK", "INFORMATIONAL", "NON-STRICT", "FAILED"
    )?;
    let mut wrong = Vec::new();
    let mut line = |name: &str, group: &str, expected: usize| -> Result<()> {
        let of_group: Vec<_> = cases.iter().filter(|(case, _)| case.starts_with(group)).collect();
        let count = |verdict| of_group.iter().filter(|(_, outcome)| outcome.verdict() == verdict).count();
        writeln!(
            out,
            "{name:<28} {:>6} {:>6} {:>13} {:>11} {:>7}",
            of_group.len(),
            count(Verdict::Ok),
            count(Verdict::Informational),
            count(Verdict::NonStrict),
            count(Verdict::Failed)
        )?;
        if of_group.len() < expected {
            wrong.push(format!("{name}: {} of {expected} cases ran", of_group.len()));
        }
        let failed = of_group.iter().filter(|(_, outcome)| outcome.verdict() == Verdict::Failed);
        if !group.is_empty() {
            wrong.extend(failed.map(|(case, o)| format!("case {case}: {}, close {}", o.behavior, o.close)));
        }
        Ok(())
    };
    for (group, expected, name) in extent.groups() {
        line(&format!("{group:>2} {name}"), &format!("{group}."), *expected)?;
    }
    line("   all", "", extent.groups().map(|(_, expected, _)| expected).sum())?;
    ensure!(wrong.is_empty(), "{}\nreport: {}", wrong.join("\n"), folder.join("report/index.html").display());
    Ok(())
}

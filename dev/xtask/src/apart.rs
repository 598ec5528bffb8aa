//! Steps beside each other: each in a process of its own, so that what it and its children say can be told in one piece.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::steps::{Outcome, Plan, Skips, Step};

/// Steps that run at the same time. More of them make browsers late on two processors.
const AT_A_TIME: usize = 2;

/// What came of a step that ran apart.
pub(crate) struct Ran {
    /// All that it and its programs said.
    pub(crate) said: String,
    pub(crate) outcome: Result<Outcome>,
    pub(crate) took: Duration,
}

/// Runs the steps, [`AT_A_TIME`] of them at once, begun in their order; answers by their names.
pub(crate) fn run(plan: &Plan<'_>, steps: &[&Step]) -> BTreeMap<&'static str, Ran> {
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    println!("\n== beside each other, told when all have ended: {}", names.join(", "));
    let waiting = Mutex::new(steps.iter().map(|step| step.name).collect::<VecDeque<_>>());
    let next = || waiting.lock().ok().and_then(|mut waiting| waiting.pop_front());
    let work = || {
        let mut ran = Vec::new();
        while let Some(name) = next() {
            let started = Instant::now();
            let (said, outcome) = one(plan, name);
            println!("== {name} ended after {} s", started.elapsed().as_secs());
            ran.push((name, Ran { said, outcome, took: started.elapsed() }));
        }
        ran
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_A_TIME).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).flatten().collect()
    })
}

fn one(plan: &Plan<'_>, name: &str) -> (String, Result<Outcome>) {
    let folder = plan.workspace.target.join("steps");
    let (log, report) = (folder.join(format!("{name}.log")), folder.join(format!("{name}.json")));
    let outcome = started(plan, name, &folder, &log, &report);
    let said = fs::read(&log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    (said, outcome)
}

fn started(plan: &Plan<'_>, name: &str, folder: &Path, log: &Path, report: &Path) -> Result<Outcome> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    let _ = fs::remove_file(report);
    let said = File::create(log).with_context(|| format!("{} cannot be created", log.display()))?;
    let mut step = Command::new(this_program()?);
    step.args(["test", "--only", name, "--report"]).arg(report);
    if plan.skips == Skips::Fail {
        step.arg("--install-system");
    }
    let errors = said.try_clone().context("the log cannot be shared")?;
    let status = step.stdin(Stdio::null()).stdout(said).stderr(errors).status().context("it cannot be started")?;
    let text = fs::read(report).with_context(|| format!("it ended with {status} before it could say how"))?;
    serde_json::from_slice(&text).context("what it said of itself is not understood")
}

/// This program, also when a build has put another one in its place meanwhile.
fn this_program() -> Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if running.exists() {
        return Ok(running.to_owned());
    }
    std::env::current_exe().context("the path of this program is unknown")
}

/// Runs one step for the process that started this one, and writes how it ended for it.
pub(crate) fn report(plan: &Plan<'_>, step: &Step, to: &Path) -> Result<()> {
    let outcome = (step.run)(plan).unwrap_or_else(|error| Outcome::Failed(<_>::default(), format!("{error:#}")));
    fs::write(to, serde_json::to_vec(&outcome)?).with_context(|| format!("{} cannot be written", to.display()))
}

//! Our decisions beside those of the reference, and what the time of a comparison tells.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::checks;
use crate::node;
use crate::process;
use crate::steps::{Outcome, Plan, Skips, Step};
use crate::system::{CC, NPM};
use crate::tally::Tally;

/// Cases of each subject on a push, and in `cargo xtask deep`.
const CASES: [u32; 2] = [1_000, 100_000];
/// Samples of each comparison.
const SAMPLES: u32 = 1_000_000;

pub(crate) const DIFFERENCES: Step = Step {
    name: "differences",
    what: "the reference decides the same, but for what is meant to differ",
    needs: &[CC, NPM],
    run: |plan| compare(plan, CASES[0]),
    beside: true,
};

pub(crate) const ALL_DIFFERENCES: Step = Step { run: |plan| compare(plan, CASES[1]), beside: false, ..DIFFERENCES };

pub(crate) const TIMES: Step = Step {
    name: "times",
    what: "the time of a comparison tells nothing about a secret",
    needs: &[CC],
    run: times,
    beside: false,
};

fn compare(plan: &Plan<'_>, cases: u32) -> Result<Outcome> {
    let workspace = plan.workspace;
    let answers = beside_the_gateway(plan, "openclaw-differences")?;
    let clients = match (node::provide(workspace), plan.skips) {
        (Ok(clients), _) => clients,
        (Err(error), Skips::Said) => return Ok(Outcome::Skipped(format!("{error:#}"))),
        (Err(error), Skips::Fail) => return Err(error),
    };
    let mut run = Command::new(&clients.node);
    run.current_dir(&workspace.root).arg("dev/official/differences.mjs").arg("--answers").arg(answers);
    run.arg("--modules").arg(&clients.folder).arg("--cases").arg(cases.to_string());
    checks::counted(&mut run, Tally::default())
}

/// On one processor where the system can say so, because moving from one to the other costs time that says nothing.
fn times(plan: &Plan<'_>) -> Result<Outcome> {
    let program = beside_the_gateway(plan, "openclaw-times")?;
    let mut measure = if process::find("taskset").is_some() {
        let mut pinned = Command::new("taskset");
        pinned.args(["--cpu-list", "0"]).arg(program);
        pinned
    } else {
        println!("There is no taskset, so the measurement moves between processors.");
        Command::new(program)
    };
    process::run(measure.arg(SAMPLES.to_string()))?;
    Ok(Outcome::HOLDS)
}

/// A program of the benchmarks, built optimised with the gateway.
fn beside_the_gateway(plan: &Plan<'_>, name: &str) -> Result<PathBuf> {
    let gateway = checks::build_optimised(plan.workspace)?;
    Ok(gateway.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

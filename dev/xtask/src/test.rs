//! `cargo xtask test`: everything a push must pass, the cheapest first. What one processor is idle for stands beside the optimised build,
//! and what mostly waits stands side by side at the end, the longest first.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use crate::apart;
use crate::checks;
use crate::deep;
use crate::differences::DIFFERENCES;
use crate::steps::{self, Plan, Skips, Step};
use crate::workspace::Workspace;

/// Everything a push must pass.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages (apt-get), and count every skip as a failure
    #[arg(long)]
    install_system: bool,
    /// Run only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
    /// Write how the one step ended to this file, and print no table
    #[arg(long, hide = true, value_name = "FILE", requires = "only")]
    report: Option<PathBuf>,
    /// Print the steps and run none
    #[arg(long)]
    list: bool,
}

const STEPS: &[Step] = &[
    checks::FMT,
    checks::TIDY,
    checks::CLIPPY,
    checks::BUILD,
    checks::GENERATED,
    checks::TESTS,
    checks::OPTIMISED,
    checks::UNITS,
    checks::FAULTS,
    checks::BENCH,
    checks::PAGE,
    checks::FUZZ,
    checks::STORIES,
    checks::OPENAPI,
    checks::INTERFACE,
    DIFFERENCES,
    checks::HANDSHAKES,
    checks::CONFORMANCE,
    checks::MUTANTS,
    checks::DENY,
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if arguments.list {
        steps::list(STEPS);
        return Ok(ExitCode::SUCCESS);
    }
    let skips = if arguments.install_system { Skips::Fail } else { Skips::Said };
    let steps = steps::chosen(STEPS, &arguments.only)?;
    let all = arguments.only.is_empty();
    let plan = Plan { workspace, skips, fuzz_seconds: deep::BRIEF_FUZZ, kills: deep::BRIEF_KILLS, all };
    if let (Some(report), [step]) = (&arguments.report, steps.as_slice()) {
        apart::report(&plan, step, report)?;
        return Ok(ExitCode::SUCCESS);
    }
    Ok(steps::run(&plan, &steps))
}

//! `cargo xtask lint`: what needs no test to be seen.

use std::process::ExitCode;

use anyhow::Result;

use crate::checks;
use crate::deep;
use crate::steps::{self, Plan, Skips, Step};
use crate::workspace::Workspace;

/// Formatting, lengths, words, dependencies and clippy.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Run only this step; may be given more than once
    #[arg(long, value_name = "STEP")]
    only: Vec<String>,
}

const STEPS: &[Step] = &[checks::FMT, checks::TIDY, checks::DENY, checks::CLIPPY];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let plan =
        Plan { workspace, skips: Skips::Said, fuzz_seconds: deep::BRIEF_FUZZ, kills: deep::BRIEF_KILLS, all: false };
    Ok(steps::run(&plan, &steps::chosen(STEPS, &arguments.only)?))
}

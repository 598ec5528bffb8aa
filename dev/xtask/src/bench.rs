//! `cargo xtask bench`: what the store does on this disk.

use std::process::ExitCode;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Measure the store on this disk.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Arguments of the store's benchmark: a folder on the disk to measure, and seconds for each figure
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "openclaw-store", "--example", "bench", "--"]);
    process::run(cargo.args(&arguments.arguments))?;
    Ok(ExitCode::SUCCESS)
}

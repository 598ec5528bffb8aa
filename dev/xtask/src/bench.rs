//! `cargo xtask bench`: micro benchmarks.

use std::process::ExitCode;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// Micro benchmarks.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Callers at a time that the store is measured with, and further arguments of its benchmark
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "openclaw-store", "--example", "bench", "--"]);
    process::run(cargo.args(&arguments.arguments))?;
    Ok(ExitCode::SUCCESS)
}

//! `cargo xtask run`: the gateway from this clone.

use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace::Workspace;

/// Build the gateway and start it.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Arguments of `openclaw gateway`
    #[arg(last = true)]
    gateway: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--package", "openclaw"]);
    if arguments.release {
        cargo.arg("--release");
    }
    // The terminal stays connected: the gateway is stopped with Ctrl-C.
    let status = cargo.args(["--", "gateway"]).args(&arguments.gateway).status().context("cargo cannot be started")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

//! `cargo xtask load`: a release build of the gateway, measured from the outside.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::checks;
use crate::process;
use crate::workspace::Workspace;

/// Measure a release build of the gateway under load.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Arguments of the load tool; `-- --help` shows them
    #[arg(last = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    measure(workspace, &arguments.arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds gateway and load tool, and hands the gateway's path to the tool.
pub(crate) fn measure(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let binary = checks::build_release(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "openclaw-load", "--", "--binary"]).arg(binary);
    let mut printed = 0_usize;
    if !process::watch(cargo.args(arguments), |line| printed += usize::from(!line.trim().is_empty()))? {
        bail!("the load tool failed");
    }
    if printed == 0 {
        bail!("the load tool printed no figure, so nothing was measured");
    }
    Ok(())
}

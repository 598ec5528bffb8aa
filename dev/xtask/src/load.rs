//! `cargo xtask load`: a release build of the gateway, measured from the outside.

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::checks;
use crate::node;
use crate::process;
use crate::workspace::Workspace;

/// Measure a release build of the gateway under load.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Also measure the reference, which is installed below the target folder: some minutes and 700 MiB the first time
    #[arg(long)]
    reference: bool,
    /// Arguments of the load tool; `-- --help` shows them
    #[arg(last = true)]
    arguments: Vec<String>,
}

/// Who is measured beside the bare server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Servers {
    /// The gateway.
    Gateway,
    /// The gateway and the reference.
    GatewayAndReference,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let servers = if arguments.reference { Servers::GatewayAndReference } else { Servers::Gateway };
    measure(workspace, servers, &arguments.arguments)?;
    Ok(ExitCode::SUCCESS)
}

/// Builds gateway and load tool, and hands the gateway's path to the tool.
pub(crate) fn measure(workspace: &Workspace, servers: Servers, arguments: &[String]) -> Result<()> {
    let reference = match servers {
        Servers::Gateway => None,
        Servers::GatewayAndReference => Some(node::provide(workspace)?),
    };
    let binary = checks::build_release(workspace)?;
    let mut cargo = workspace.cargo();
    cargo.args(["run", "--release", "--package", "openclaw-load", "--", "--binary"]).arg(binary);
    if let Some(clients) = reference {
        cargo.arg("--reference").arg(clients.folder).arg("--node").arg(clients.node);
    }
    let mut printed = 0_usize;
    if !process::watch(cargo.args(arguments), |line| printed += usize::from(!line.trim().is_empty()))? {
        bail!("the load tool failed");
    }
    if printed == 0 {
        bail!("the load tool printed no figure, so nothing was measured");
    }
    Ok(())
}

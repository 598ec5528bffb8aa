//! The command line, from starting its process to its end.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use tokio::time::Instant;

use super::Line;
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    server::{Launcher, Server, Target},
};

/// Runs both commands against a server that was started in the same home.
pub(super) async fn command_line(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    // The reference has no ping.
    let method = if target == Target::Reference { "health" } else { "ping" };
    let call = rounds(launcher, &server, effort, &["gateway", "call", method])?;
    let health = rounds(launcher, &server, effort, &["health"])?;
    Ok(vec![("gateway call", call), ("health", health)])
}

fn rounds(launcher: &Launcher, server: &Server, effort: &Effort, arguments: &[&str]) -> Result<Figures> {
    let mut times = Vec::new();
    let meter = Meter::start(server.tree())?;
    // The first run is a warm-up: it reads the program from the disk.
    for round in 0..=effort.commands {
        let mut command = launcher.command_line(server)?.context("this server has no command line")?;
        let start = Instant::now();
        run(command.args(arguments))?;
        if round > 0 {
            times.push(start.elapsed());
        }
    }
    let mut figures = meter.stop(times.len())?.with_times(times);
    // The server's share says nothing about the command.
    (figures.cpu_ms_per_1000, figures.rss_kib, figures.pss_kib) = (None, None, None);
    Ok(figures)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.stdin(Stdio::null()).output().context("the command line cannot be started")?;
    let said = || String::from_utf8_lossy(&output.stderr).trim().to_owned();
    ensure!(output.status.success(), "the command line ended with {}: {}", output.status, said());
    Ok(())
}

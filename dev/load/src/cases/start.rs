//! Starting and resting.

use std::time::Duration;

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::Line;
use crate::{
    effort::Effort,
    figures::Figures,
    process::Cpu,
    server::{Launcher, Target},
};

/// Cold starts, each on an empty state directory. CPU is what was used until just after the first hello.
pub(super) async fn start(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let begin = Instant::now();
    let (mut times, mut cpu, mut memory) = (Vec::new(), Duration::ZERO, None);
    for _ in 0..effort.starts {
        let (server, took) = launcher.start_timed(target).await?;
        cpu += server.tree().cpu()?.since(Cpu::default());
        memory = Some(server.tree().memory()?);
        times.push(took);
    }
    let starts = f64::from(u32::try_from(effort.starts)?);
    let figures = Figures {
        operations: Some(starts),
        per_second: Some(starts / begin.elapsed().as_secs_f64()),
        cpu_ms_per_1000: Some(cpu.as_secs_f64() * 1e6 / starts),
        ..Figures::default()
    };
    let figures = memory.map_or(figures.clone(), |memory| figures.with_memory(memory));
    Ok(vec![("start to hello", figures.with_times(times))])
}

/// Memory of a server that was greeted once and then left alone.
pub(super) async fn idle(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    sleep(effort.idle).await;
    Ok(vec![("at rest", Figures::default().with_memory(server.tree().memory()?))])
}

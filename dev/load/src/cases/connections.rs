//! Many connections that do nothing.

use std::{cell::Cell, time::Duration};

use anyhow::Result;
use tokio::time::{Instant, sleep};

use super::{Effort, Line};
use crate::{
    figures::Meter,
    login::Identity,
    server::{Launcher, Server, Target},
    wire::Wire,
};

/// Connections that are opened at the same time; stays far below every limit on unauthenticated ones.
const AT_ONCE: usize = 4;
/// Rest before memory is read.
const SETTLE: Duration = Duration::from_secs(1);

/// Opens them, and divides what the server grew by.
pub(super) async fn connections(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    // What the first connections cost once and for all is no connection's own memory.
    let first = open(&server, AT_ONCE).await?;
    sleep(SETTLE).await;
    let before = server.tree().memory()?;
    let meter = Meter::start(server.tree())?;
    let (wires, times) = open(&server, effort.connections).await?;
    let opened = meter.stop(effort.connections)?;
    sleep(SETTLE).await;
    let after = server.tree().memory()?;
    drop((first, wires));
    let count = f64::from(u32::try_from(effort.connections)?);
    let grown = f64::from(u32::try_from(after.rss.saturating_sub(before.rss))?);
    let mut figures = opened.with_memory(after).with_times(times);
    figures.bytes_each = Some(grown * 1024.0 / count);
    Ok(vec![("open and hold", figures)])
}

/// Opens `count` connections, [`AT_ONCE`] at a time.
pub(super) async fn open(server: &Server, count: usize) -> Result<(Vec<Wire>, Vec<Duration>)> {
    let left = Cell::new(count);
    let worker = async || {
        let mut opened = Vec::new();
        while left.get() > 0 {
            left.set(left.get() - 1);
            let start = Instant::now();
            let mut wire = server.connect(&Identity::Backend).await?;
            let took = start.elapsed();
            wire.idle();
            opened.push((wire, took));
        }
        anyhow::Ok(opened)
    };
    let (a, b, c, d) = tokio::try_join!(worker(), worker(), worker(), worker())?;
    Ok([a, b, c, d].into_iter().flatten().unzip())
}

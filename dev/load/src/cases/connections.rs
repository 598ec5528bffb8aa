//! Many connections that do nothing.

use std::{
    cell::{Cell, RefCell},
    time::Duration,
};

use anyhow::Result;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::Line;
use crate::{
    figures::Meter,
    login::Identity,
    server::{Launcher, Server, Target},
    wire::Wire,
};

/// Connections that are opened at the same time; stays far below every limit on unauthenticated ones.
const AT_ONCE: usize = 4;
/// Shortest rest before memory is read.
const SETTLE: Duration = Duration::from_secs(1);
/// Longest time that connections are opened for.
const MOST_TIME: Duration = Duration::from_secs(20);
/// Longest wait for the server to come to rest.
const UNREST: Duration = Duration::from_secs(20);
/// CPU per [`SETTLE`] that counts as rest.
const REST: Duration = Duration::from_millis(20);

/// Opens them, reads whatever they are told, and divides what the server grew by once it has come to rest.
pub(super) async fn connections(
    launcher: &Launcher,
    target: Target,
    identity: &Identity,
    count: usize,
) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let mut readers = JoinSet::new();
    let mut read = |mut wire: Wire| drop(readers.spawn_local(async move { while wire.next().await.is_ok() {} }));
    // What the first connections cost once and for all is no connection's own memory.
    open(&server, identity, AT_ONCE, &mut read).await?;
    settle(&server).await?;
    let before = server.tree().memory()?;
    let meter = Meter::start(server.tree())?;
    let times = open(&server, identity, count, &mut read).await?;
    settle(&server).await?;
    // What the newcomers caused among those who were there is part of the price of coming.
    let opened = meter.stop(times.len())?;
    let after = server.tree().memory()?;
    let count = f64::from(u32::try_from(times.len())?);
    let grown = f64::from(u32::try_from(after.rss.saturating_sub(before.rss))?);
    let mut figures = opened.with_memory(after).with_times(times);
    // The time includes the rest.
    figures.per_second = None;
    figures.bytes_each = Some(grown * 1024.0 / count);
    Ok(vec![("open and hold", figures)])
}

/// Waits until everything that the connections caused has been done.
async fn settle(server: &Server) -> Result<()> {
    let until = Instant::now() + UNREST;
    while Instant::now() < until {
        let before = server.tree().cpu()?;
        sleep(SETTLE).await;
        if server.tree().cpu()?.since(before) < REST {
            break;
        }
    }
    Ok(())
}

/// Opens `count` connections, or as many as [`MOST_TIME`] allows, [`AT_ONCE`] at a time, and hands each over.
pub(super) async fn open(
    server: &Server,
    identity: &Identity,
    count: usize,
    taken: &mut dyn FnMut(Wire),
) -> Result<Vec<Duration>> {
    let until = Instant::now() + MOST_TIME;
    let (left, taken) = (Cell::new(count), RefCell::new(taken));
    let worker = async || {
        let mut times = Vec::new();
        while left.get() > 0 && Instant::now() < until {
            left.set(left.get() - 1);
            let start = Instant::now();
            let mut wire = server.connect(identity).await?;
            times.push(start.elapsed());
            wire.idle();
            (taken.borrow_mut())(wire);
        }
        anyhow::Ok(times)
    };
    let (a, b, c, d) = tokio::try_join!(worker(), worker(), worker(), worker())?;
    Ok([a, b, c, d].concat())
}

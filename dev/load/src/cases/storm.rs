//! Thousands of connections that misbehave, and what those who behave notice of it.

use std::{cell::Cell, rc::Rc, time::Duration};

use anyhow::{Context, Result, ensure};
use openclaw_testkit::hostile::{self, Against, End, KINDS};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::Line;
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    login::Identity,
    server::{Launcher, Target},
    wire::{Wire, is_ok, reply_to},
};

/// Those who behave.
const HONEST: usize = 50;
/// Those who misbehave at the same time: more than there are places before authentication.
const AT_ONCE: usize = 1_000;
/// How long one of them waits for an end.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two calls of one client that behaves.
const PAUSE: Duration = Duration::from_millis(50);
/// Longest time for the memory to come back.
const RECOVERY: Duration = Duration::from_secs(60);

/// Calls of clients that behave before and during a storm, and memory before and after it.
pub(super) async fn storm(launcher: &Launcher, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(Target::Gateway).await?;
    let mut wires = Vec::new();
    for _ in 0..HONEST {
        wires.push(server.connect(&Identity::CommandLine).await?);
    }
    let (wires, calm) = beside(wires, sleep(effort.stretch)).await?;
    let before = server.tree().memory()?;

    let against = Against { address: server.address, token: server.token().clone(), patience: PATIENCE };
    let meter = Meter::start(server.tree())?;
    let mut told = hostile::Told::new();
    let storm = async { told = hostile::storm(&against, effort.hostile, AT_ONCE).await };
    let (_wires, times) = beside(wires, storm).await.context("a client that behaved lost its connection")?;
    let storm = meter.stop(effort.hostile)?;
    let ends = |end: End| told.values().filter_map(|ends| ends.get(&end)).sum::<usize>();
    eprintln!(
        "  {} kinds: {} closed by the server, {} turned away at the door, {} went by themselves, {} still open",
        KINDS.len(),
        ends(End::Closed),
        ends(End::TurnedAway),
        ends(End::Left),
        ends(End::Held)
    );

    let (began, mut after) = (Instant::now(), server.tree().memory()?);
    while after.rss > before.rss + before.rss / 10 && began.elapsed() < RECOVERY {
        sleep(Duration::from_millis(500)).await;
        after = server.tree().memory()?;
    }
    Ok(vec![
        ("50 clients before the storm", Figures::default().with_times(calm).with_memory(before)),
        ("50 clients within the storm, none of which lost its connection", Figures::default().with_times(times)),
        ("the storm", storm),
        ("memory a minute after it at the latest", Figures::of_duration(began.elapsed()).with_memory(after)),
    ])
}

/// Calls on all connections while something else goes on; the connections come back with the times.
async fn beside(wires: Vec<Wire>, work: impl Future<Output = ()>) -> Result<(Vec<Wire>, Vec<Duration>)> {
    let over = Rc::new(Cell::new(false));
    let mut honest = JoinSet::new();
    for wire in wires {
        honest.spawn_local(calling(wire, Rc::clone(&over)));
    }
    work.await;
    over.set(true);
    let (mut back, mut all) = (Vec::new(), Vec::new());
    while let Some(done) = honest.join_next().await {
        let (wire, times) = done??;
        back.push(wire);
        all.extend(times);
    }
    ensure!(!all.is_empty(), "nobody was served");
    Ok((back, all))
}

async fn calling(mut wire: Wire, over: Rc<Cell<bool>>) -> Result<(Wire, Vec<Duration>)> {
    let (mut times, mut number) = (Vec::new(), 0_u64);
    while !over.get() {
        number += 1;
        let began = Instant::now();
        wire.send(format!(r#"{{"type":"req","id":"{number}","method":"health"}}"#).as_bytes()).await?;
        loop {
            let frame = wire.next_soon().await?;
            if reply_to(&frame) == Some(number) {
                ensure!(is_ok(&frame), "a call failed: {}", String::from_utf8_lossy(&frame));
                break;
            }
        }
        times.push(began.elapsed());
        sleep(PAUSE).await;
    }
    Ok((wire, times))
}

//! One method, called over and over.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::{task::JoinSet, time::Instant};

use super::{Effort, Line, MOST_CALLS};
use crate::{
    figures::Meter,
    login::Identity,
    server::{Launcher, Target},
    wire::{Wire, is_ok, reply_to},
};

/// Connections that call.
const CONNECTIONS: usize = 8;
/// Length of the warm-up.
const WARM_UP: Duration = Duration::from_millis(100);

/// Calls `method` on 8 connections, `depth` calls at a time on each.
pub(super) async fn calls(
    launcher: &Launcher,
    target: Target,
    effort: &Effort,
    method: &'static str,
    depth: usize,
) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let mut wires = Vec::new();
    for _ in 0..CONNECTIONS {
        wires.push(server.connect(&Identity::Backend).await?);
    }
    let (wires, _) = pump_all(wires, method, depth, WARM_UP).await?;
    let meter = Meter::start(server.tree())?;
    let (_wires, times) = pump_all(wires, method, depth, effort.stretch).await?;
    Ok(vec![(method, meter.stop(times.len())?.with_times(times))])
}

async fn pump_all(
    wires: Vec<Wire>,
    method: &'static str,
    depth: usize,
    stretch: Duration,
) -> Result<(Vec<Wire>, Vec<Duration>)> {
    let until = Instant::now() + stretch;
    let mut callers = JoinSet::new();
    for mut wire in wires {
        callers.spawn_local(async move {
            let times = pump(&mut wire, method, depth, until).await?;
            anyhow::Ok((wire, times))
        });
    }
    let (mut wires, mut all) = (Vec::new(), Vec::new());
    while let Some(caller) = callers.join_next().await {
        let (wire, times) = caller??;
        wires.push(wire);
        all.extend(times);
    }
    Ok((wires, all))
}

/// Keeps `depth` calls outstanding until the time is up, then waits for the rest.
async fn pump(wire: &mut Wire, method: &str, depth: usize, until: Instant) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    let mut waiting: Vec<(u64, Instant)> = Vec::new();
    let mut next = 0;
    let mut call = |wire: &mut Wire, waiting: &mut Vec<(u64, Instant)>, now| {
        wire.queue(format!(r#"{{"type":"req","id":"{next}","method":"{method}","params":{{}}}}"#).as_bytes());
        waiting.push((next, now));
        next += 1;
    };
    for _ in 0..depth {
        call(wire, &mut waiting, Instant::now());
    }
    wire.flush().await?;
    while !waiting.is_empty() {
        let mut arrived = Some(wire.next().await?);
        let now = Instant::now();
        while let Some(frame) = arrived {
            let call_of_reply = reply_to(&frame).and_then(|id| waiting.iter().position(|(waits, _)| *waits == id));
            if let Some(index) = call_of_reply {
                ensure!(is_ok(&frame), "{method} was refused: {}", String::from_utf8_lossy(&frame));
                times.push(now - waiting.swap_remove(index).1);
                if now < until && times.len() < MOST_CALLS / CONNECTIONS {
                    call(wire, &mut waiting, now);
                }
            }
            arrived = wire.buffered()?;
        }
        wire.flush().await?;
    }
    Ok(times)
}

//! One method, called over and over.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::{task::JoinSet, time::Instant};

use super::{Line, MOST_CALLS};
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    login::Identity,
    server::{Launcher, Server, Target},
    wire::{Wire, is_ok, reply_to},
};

/// Connections that call, unless a case says otherwise.
pub(super) const CONNECTIONS: usize = 8;
/// Length of the warm-up.
const WARM_UP: Duration = Duration::from_millis(100);

/// What is called, and with which parameters.
#[derive(Clone, Copy)]
pub(super) struct Method {
    /// Its name.
    pub(super) name: &'static str,
    /// Parameters of call number so many on connection number so many.
    pub(super) params: fn(usize, u64) -> String,
}

impl Method {
    /// A method that is called without parameters.
    const fn bare(name: &'static str) -> Self {
        Self { name, params: |_, _| "{}".to_owned() }
    }
}

/// Calls the cheapest method there is, `depth` calls at a time on each connection.
pub(super) async fn cheapest(launcher: &Launcher, target: Target, effort: &Effort, depth: usize) -> Result<Vec<Line>> {
    // The reference has no ping; this is what it answers with the least work.
    let name = if target == Target::Reference { "last-heartbeat" } else { "ping" };
    let server = launcher.start(target).await?;
    Ok(vec![("cheapest call", measure(&server, effort, Method::bare(name), CONNECTIONS, depth).await?)])
}

/// Calls `health`, one call at a time on each connection.
pub(super) async fn health(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    Ok(vec![("health", measure(&server, effort, Method::bare("health"), CONNECTIONS, 1).await?)])
}

/// Calls a method on so many connections, `depth` calls at a time on each, after a warm-up.
pub(super) async fn measure(
    server: &Server,
    effort: &Effort,
    method: Method,
    connections: usize,
    depth: usize,
) -> Result<Figures> {
    let mut wires = Vec::new();
    for number in 0..connections {
        wires.push(Caller { wire: server.connect(&Identity::Backend).await?, number, next: 0 });
    }
    let (wires, _) = pump_all(wires, method, depth, WARM_UP).await?;
    let meter = Meter::start(server.tree())?;
    let (_wires, times) = pump_all(wires, method, depth, effort.stretch).await?;
    Ok(meter.stop(times.len())?.with_times(times))
}

/// A connection that calls.
struct Caller {
    wire: Wire,
    number: usize,
    /// Number of the next call.
    next: u64,
}

async fn pump_all(
    callers: Vec<Caller>,
    method: Method,
    depth: usize,
    stretch: Duration,
) -> Result<(Vec<Caller>, Vec<Duration>)> {
    let until = Instant::now() + stretch;
    let most = MOST_CALLS / callers.len().max(1);
    let mut work = JoinSet::new();
    for mut caller in callers {
        work.spawn_local(async move {
            let times = caller.pump(method, depth, most, until).await?;
            anyhow::Ok((caller, times))
        });
    }
    let (mut callers, mut all) = (Vec::new(), Vec::new());
    while let Some(done) = work.join_next().await {
        let (caller, times) = done??;
        callers.push(caller);
        all.extend(times);
    }
    Ok((callers, all))
}

impl Caller {
    fn call(&mut self, method: Method, waiting: &mut Vec<(u64, Instant)>, now: Instant) {
        let (id, name, params) = (self.next, method.name, (method.params)(self.number, self.next));
        self.wire.queue(format!(r#"{{"type":"req","id":"{id}","method":"{name}","params":{params}}}"#).as_bytes());
        waiting.push((id, now));
        self.next += 1;
    }

    /// Keeps `depth` calls outstanding until the time is up, then waits for the rest.
    async fn pump(&mut self, method: Method, depth: usize, most: usize, until: Instant) -> Result<Vec<Duration>> {
        let mut times = Vec::new();
        let mut waiting: Vec<(u64, Instant)> = Vec::new();
        for _ in 0..depth {
            self.call(method, &mut waiting, Instant::now());
        }
        self.wire.flush().await?;
        while !waiting.is_empty() {
            let mut arrived = Some(self.wire.next().await?);
            let now = Instant::now();
            while let Some(frame) = arrived {
                let answered = reply_to(&frame).and_then(|id| waiting.iter().position(|(waits, _)| *waits == id));
                if let Some(index) = answered {
                    ensure!(is_ok(&frame), "{} was refused: {}", method.name, String::from_utf8_lossy(&frame));
                    times.push(now - waiting.swap_remove(index).1);
                    if now < until && times.len() < most {
                        self.call(method, &mut waiting, now);
                    }
                }
                arrived = self.wire.buffered()?;
            }
            self.wire.flush().await?;
        }
        Ok(times)
    }
}

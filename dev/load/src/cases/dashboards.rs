//! Pages that show everything: each is told of everybody who comes.

use std::{cell::Cell, rc::Rc, time::Duration};

use anyhow::{Result, ensure};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Line, connections::open};
use crate::{
    figures::{Figures, Meter},
    login::{Device, Identity},
    server::{Launcher, Target},
    wire::{Wire, is_event},
};

/// Silence of all that counts as quiet: longer than anything is gathered for.
const QUIET: Duration = Duration::from_millis(400);
/// Longest wait for it.
const UNREST: Duration = Duration::from_secs(20);

/// What the pages were told.
struct Told {
    /// When the last of them heard something.
    last: Cell<Instant>,
    /// Bytes of presence lists, over all of them.
    presence: Cell<u64>,
}

/// Opens them, then waits until nobody is told anything more.
pub(super) async fn dashboards(launcher: &Launcher, target: Target, count: usize) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    // One person with many pages: one device, paired before.
    let identity = Identity::Dashboard(Box::new(Device::generate(&launcher.ids)));
    drop(server.connect(&identity).await?);
    let told = Rc::new(Told { last: Cell::new(Instant::now()), presence: Cell::new(0) });
    let mut pages = JoinSet::new();
    let mut show = |wire| drop(pages.spawn_local(listen(wire, Rc::clone(&told))));
    let (meter, start) = (Meter::start(server.tree())?, Instant::now());
    let times = open(&server, &identity, count, &mut show).await?;
    let opened = start.elapsed();
    ensure!(times.len() == count, "only {} of {count} pages could be opened in time", times.len());
    while told.last.get().elapsed() < QUIET && start.elapsed() < UNREST {
        sleep(QUIET.saturating_sub(told.last.get().elapsed())).await;
    }
    let quiet = told.last.get().saturating_duration_since(start).max(opened);
    let mut each = meter.stop(count)?.with_times(times);
    // The time includes the wait for silence.
    each.per_second = None;
    #[expect(clippy::cast_precision_loss, reason = "a byte count is far below 2^52")]
    let bytes = told.presence.get() as f64 / count as f64;
    each.bytes_each = Some(bytes);
    Ok(vec![
        ("open one", each),
        ("open all", Figures::of_duration(opened)),
        ("until all are quiet", Figures::of_duration(quiet)),
    ])
}

async fn listen(mut wire: Wire, told: Rc<Told>) {
    while let Ok(frame) = wire.next().await {
        told.last.set(Instant::now());
        if is_event(&frame, "presence") {
            told.presence.set(told.presence.get() + frame.len() as u64);
        }
    }
}

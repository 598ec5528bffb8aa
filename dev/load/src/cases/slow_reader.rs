//! One connection that never reads, and what the others notice of it.

use anyhow::Result;
use tokio::time::Instant;

use super::{Line, fanout::Fan};
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    login::Identity,
    process::Memory,
    server::{Launcher, Server, Target},
};

/// Those who read.
const READERS: usize = 10;
/// Bytes of one event.
const EVENT: usize = 64 * 1024;
/// Events between two looks at the server's memory.
const LOOK: usize = 32;
/// Longest time that events are published for.
const MOST_TIME: std::time::Duration = std::time::Duration::from_secs(30);

/// The same events to the same readers, without and with a connection that leaves all of it unread. Memory is the most
/// that was seen.
pub(super) async fn slow_reader(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let alone = {
        let server = launcher.start(target).await?;
        stream(launcher, &server, effort).await?
    };
    let server = launcher.start(target).await?;
    let unread = server.connect(&Identity::CommandLine).await?;
    let beside = stream(launcher, &server, effort).await?;
    drop(unread);
    Ok(vec![("readers by themselves", alone), ("beside one that never reads", beside)])
}

async fn stream(launcher: &Launcher, server: &Server, effort: &Effort) -> Result<Figures> {
    let text = "x".repeat(EVENT);
    let mut fan = Fan::open(launcher, server, READERS).await?;
    let (meter, until) = (Meter::start(server.tree())?, Instant::now() + MOST_TIME);
    let mut most = server.tree().memory()?;
    for number in 0..effort.unread_mib * 1024 * 1024 / EVENT {
        fan.publish(1, &text).await?;
        if number % LOOK == 0 {
            let now = server.tree().memory()?;
            most = Memory { rss: most.rss.max(now.rss), pss: most.pss.max(now.pss) };
        }
        if Instant::now() >= until {
            break;
        }
    }
    let times = fan.times();
    Ok(meter.stop(times.len())?.with_memory(most).with_times(times))
}

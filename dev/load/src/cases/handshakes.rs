//! Connecting over and over, one connection at a time: TCP, upgrade, challenge, connect, hello, end.

use std::iter;

use anyhow::Result;
use tokio::time::Instant;

use super::{Effort, Line, MOST_HANDSHAKES};
use crate::{
    figures::Meter,
    login::{Device, Identity},
    server::{Launcher, Server, Target},
};

/// Devices that are paired in one repetition at most; half of what the gateway was told to allow.
const MOST_DEVICES: usize = 5_000;

/// A device that is paired before the measurement begins.
pub(super) async fn known_device(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let identity = Identity::Device(Box::new(Device::generate(&launcher.ids)));
    server.connect(&identity).await?;
    measure("signed, known device", &server, effort, iter::repeat_n(&identity, MOST_HANDSHAKES)).await
}

/// A device of its own for each connection.
pub(super) async fn new_devices(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let identities: Vec<_> =
        iter::repeat_with(|| Identity::Device(Box::new(Device::generate(&launcher.ids)))).take(MOST_DEVICES).collect();
    measure("signed, new device", &server, effort, identities.iter()).await
}

/// The shared secret alone.
pub(super) async fn no_device(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    measure("shared secret", &server, effort, iter::repeat_n(&Identity::Backend, MOST_HANDSHAKES)).await
}

async fn measure(
    label: &'static str,
    server: &Server,
    effort: &Effort,
    identities: impl Iterator<Item = &Identity>,
) -> Result<Vec<Line>> {
    let mut times = Vec::new();
    let meter = Meter::start(server.tree())?;
    let until = Instant::now() + effort.stretch;
    for identity in identities {
        let start = Instant::now();
        if start >= until {
            break;
        }
        drop(server.connect(identity).await?);
        times.push(start.elapsed());
    }
    Ok(vec![(label, meter.stop(times.len())?.with_times(times))])
}

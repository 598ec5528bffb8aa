//! Connecting over and over, one connection at a time: TCP, upgrade, challenge, connect, hello, end.

use std::iter;

use anyhow::Result;
use openclaw_core::Secret;
use serde::Deserialize;
use tokio::time::Instant;

use super::{Line, MOST_HANDSHAKES};
use crate::{
    effort::Effort,
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
    measure("signed and shared secret", &server, None, effort, iter::repeat_n(&identity, MOST_HANDSHAKES)).await
}

/// A paired device that shows the token it was given: what clients do when they come back.
pub(super) async fn device_token(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let identity = Identity::Device(Box::new(Device::generate(&launcher.ids)));
    let (_, hello) = server.hello(&identity, None).await?;
    // The bare server gives none; anything will do there.
    let token = device_token_of(&hello)?;
    let identities = iter::repeat_n(&identity, MOST_HANDSHAKES);
    measure("signed and device token", &server, token.as_ref(), effort, identities).await
}

/// A device of its own for each connection.
pub(super) async fn new_devices(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let identities: Vec<_> =
        iter::repeat_with(|| Identity::Device(Box::new(Device::generate(&launcher.ids)))).take(MOST_DEVICES).collect();
    measure("signed, new device", &server, None, effort, identities.iter()).await
}

/// The shared secret alone.
pub(super) async fn no_device(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    measure("shared secret", &server, None, effort, iter::repeat_n(&Identity::Backend, MOST_HANDSHAKES)).await
}

#[derive(Deserialize)]
struct Hello {
    payload: HelloPayload,
}

#[derive(Deserialize)]
struct HelloPayload {
    auth: Option<HelloAuth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HelloAuth {
    device_token: Option<Secret>,
}

fn device_token_of(hello: &[u8]) -> Result<Option<Secret>> {
    let Hello { payload } = serde_json::from_slice(hello)?;
    Ok(payload.auth.and_then(|auth| auth.device_token))
}

async fn measure(
    label: &'static str,
    server: &Server,
    token: Option<&Secret>,
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
        drop(server.hello(identity, token).await?);
        times.push(start.elapsed());
    }
    Ok(vec![(label, meter.stop(times.len())?.with_times(times))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_token_is_found_when_there_is_one() {
        let with = br#"{"type":"res","payload":{"auth":{"role":"operator","deviceToken":"t"}}}"#;
        assert!(device_token_of(with).unwrap().unwrap().matches("t"));
        for without in [r#"{"payload":{"auth":{}}}"#, r#"{"payload":{"pad":""}}"#] {
            assert!(device_token_of(without.as_bytes()).unwrap().is_none());
        }
        assert!(device_token_of(b"{}").is_err());
    }
}

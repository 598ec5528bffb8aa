//! Measures how long the gateway's messages are, so that the bare server sends as much.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;

use crate::{
    limit::Sizes,
    login::Identity,
    server::{Launcher, Target},
    wire::{Wire, is_event, is_ok, reply_to},
};

/// Sessions that are listed from; as many as the smallest case has.
const LISTED: usize = 100;

/// Starts a gateway, asks once for everything, and takes the lengths. The deltas of a turn vary; they keep the default.
pub(crate) async fn sizes(launcher: &Launcher) -> Result<Sizes> {
    let server = launcher.start(Target::Gateway).await?;
    let (mut wire, hello) = server.hello(&Identity::Backend, None).await?;
    crate::cases::prepare_session(&mut wire, launcher).await.context("a first chat turn failed")?;
    let ping = ask(&mut wire, 1, "ping", "{}").await?.0;
    let health = ask(&mut wire, 2, "health", "{}").await?.0;
    let list = list(launcher).await?;
    let params =
        format!(r#"{{"sessionKey":"{}","message":"An event for everybody, number 000000"}}"#, crate::cases::SESSION);
    let (_, event) = ask(&mut wire, 3, "chat.inject", &params).await?;
    let event = match event {
        Some(event) => event,
        None => loop {
            let frame = wire.next_soon().await.context("while waiting for the event of chat.inject")?;
            if is_event(&frame, "chat") {
                break frame;
            }
        },
    };
    Ok(Sizes {
        hello: payload_of_reply(&hello, "connect"),
        ping: payload_of_reply(&ping, "1"),
        health: payload_of_reply(&health, "2"),
        list: payload_of_reply(&list, "1"),
        event: event.len().saturating_sub(r#"{"type":"event","event":"chat","payload":,"seq":1}"#.len()),
        ..Sizes::default()
    })
}

/// A list of 20 sessions.
async fn list(launcher: &Launcher) -> Result<Bytes> {
    let (server, _) = launcher.start_seeded(LISTED).await?;
    let mut wire = server.connect(&Identity::Backend).await?;
    Ok(ask(&mut wire, 1, "sessions.list", r#"{"limit":20}"#).await?.0)
}

/// The reply, and a chat event if one came before it.
async fn ask(wire: &mut Wire, id: u64, method: &str, params: &str) -> Result<(Bytes, Option<Bytes>)> {
    wire.send(format!(r#"{{"type":"req","id":"{id}","method":"{method}","params":{params}}}"#).as_bytes()).await?;
    let mut event = None;
    loop {
        let frame = wire.next_soon().await.with_context(|| format!("while waiting for the reply to {method}"))?;
        if reply_to(&frame) == Some(id) {
            ensure!(is_ok(&frame), "{method} was refused: {}", String::from_utf8_lossy(&frame));
            return Ok((frame, event));
        }
        if is_event(&frame, "chat") {
            event = Some(frame);
        }
    }
}

fn payload_of_reply(frame: &[u8], id: &str) -> usize {
    frame.len().saturating_sub(r#"{"type":"res","id":"","ok":true,"payload":}"#.len() + id.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_payload_is_counted() {
        assert_eq!(payload_of_reply(br#"{"type":"res","id":"17","ok":true,"payload":{"a":1}}"#, "17"), 7);
        assert_eq!(payload_of_reply(b"", "1"), 0);
    }
}

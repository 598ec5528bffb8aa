//! Sessions: lists of many, and small durable changes of a few.

use anyhow::{Result, ensure};

use super::{
    Line,
    calls::{CONNECTIONS, Method, measure},
};
use crate::{
    effort::Effort,
    figures::Figures,
    login::Identity,
    server::{Launcher, Server, Target},
    wire::Wire,
};

/// How many sessions there are, and what the lines are called.
const COUNTS: [(usize, &str, &str); 4] = [
    (100, "newest 20 of 100", "making 100"),
    (1_000, "newest 20 of 1,000", "making 1,000"),
    (10_000, "newest 20 of 10,000", "making 10,000"),
    (1_000_000, "newest 20 of 1,000,000", "making 1,000,000"),
];

/// How many connections write, and what the lines are called.
const WRITERS: [(usize, &str); 3] = [(1, "1 connection"), (8, "8 connections"), (64, "64 connections")];

const LIST: Method = Method { name: "sessions.list", params: |_, _| r#"{"limit":20}"#.to_owned() };

/// A name that no session has yet, so that each call is a change.
const PATCH: Method = Method {
    name: "sessions.patch",
    params: |connection, call| {
        format!(r#"{{"key":"agent:main:load-write-{connection}","label":"Write {connection} {call}"}}"#)
    },
};

/// Lists the newest 20 of ever more sessions. Making them is a line of its own.
pub(super) async fn list(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (count, listed, made) in COUNTS.into_iter().filter(|(count, ..)| *count <= effort.sessions) {
        let server = match target {
            Target::Gateway => {
                let (server, took) = launcher.start_seeded(count).await?;
                lines.push((made, Figures::of_duration(took)));
                server
            }
            Target::Limit => {
                // Nothing is made there; the line keeps the place.
                lines.push((made, Figures::default()));
                launcher.start(target).await?
            }
            Target::Reference => {
                let server = launcher.start(target).await?;
                let start = tokio::time::Instant::now();
                create(&server, count).await?;
                lines.push((made, Figures::of_duration(start.elapsed())));
                server
            }
        };
        lines.push((listed, measure(&server, effort, LIST, CONNECTIONS, 1).await?));
    }
    Ok(lines)
}

/// Makes sessions through the wire, which is the only way into a foreign store.
async fn create(server: &Server, count: usize) -> Result<()> {
    let mut wire = server.connect(&Identity::Backend).await?;
    for number in 0..count {
        let params =
            format!(r#"{{"key":"agent:main:load-list-{number:07}","label":"Conversation number {number:07}"}}"#);
        ask(&mut wire, number as u64, "sessions.create", &params).await?;
    }
    Ok(())
}

/// Calls and waits for the answer, which must be good.
pub(super) async fn ask(wire: &mut Wire, id: u64, method: &str, params: &str) -> Result<bytes::Bytes> {
    wire.send(format!(r#"{{"type":"req","id":"{id}","method":"{method}","params":{params}}}"#).as_bytes()).await?;
    loop {
        let frame = wire.next_soon().await?;
        if crate::wire::reply_to(&frame) == Some(id) {
            ensure!(crate::wire::is_ok(&frame), "{method} was refused: {}", String::from_utf8_lossy(&frame));
            return Ok(frame);
        }
    }
}

/// Names sessions anew, each connection its own, each change synced before it is answered; the last time without the file of the
/// audit trail.
pub(super) async fn writes(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (connections, name) in WRITERS {
        let server = launcher.start(target).await?;
        lines.push((name, measure(&server, effort, PATCH, connections, 1).await?));
    }
    let unaudited = match target {
        Target::Gateway => {
            let server = launcher.start_unaudited().await?;
            measure(&server, effort, PATCH, WRITERS[WRITERS.len() - 1].0, 1).await?
        }
        // They write no such file; the line keeps the place.
        Target::Limit | Target::Reference => Figures::default(),
    };
    lines.push(("64 connections, no audit file", unaudited));
    Ok(lines)
}

//! An edit of the configuration while everybody talks.

use std::{
    cell::{Cell, RefCell},
    fs,
    rc::Rc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{Line, connections::open, sessions::ask};
use crate::{
    effort::Effort,
    figures::Figures,
    login::Identity,
    server::{Launcher, Server, Target},
    wire::{Wire, is_ok, reply_to},
};

/// Pause of each connection between two calls.
const PAUSE: Duration = Duration::from_secs(1);
/// Time that calls are watched before the edit.
const BEFORE: Duration = Duration::from_secs(3);
/// Longest wait for the edit to take effect.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time that calls are watched after it has.
const AFTER: Duration = Duration::from_secs(1);

/// How many connections, and what the lines are called: before the edit, during it, and when nothing came of it.
const CROWDS: [(usize, [&str; 3]); 2] = [
    (1_000, ["1,000 call", "1,000 call, edited meanwhile", "1,000 call, edited but not reloaded"]),
    (10_000, ["10,000 call", "10,000 call, edited meanwhile", "10,000 call, edited but not reloaded"]),
];

/// What the callers have measured, and whether they go on.
#[derive(Default)]
struct Calls {
    times: RefCell<Vec<Duration>>,
    ended: Cell<bool>,
}

/// Every connection calls once a second; the longest answer is the one that counts.
pub(super) async fn reload(launcher: &Launcher, target: Target, effort: &Effort) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for (count, [calm, edited, ignored]) in CROWDS {
        // A short run has a crowd of the size that it has connections.
        let count = count.min(effort.connections * 2);
        let server = launcher.start(target).await?;
        let mut asker = server.connect(&Identity::Backend).await?;
        let calls = Rc::new(Calls::default());
        let mut callers = JoinSet::new();
        let mut call = |wire| drop(callers.spawn_local(keep_calling(wire, Rc::clone(&calls))));
        let opened = open(&server, &Identity::CommandLine, count, &mut call).await?.len();
        ensure!(opened == count, "only {opened} of {count} connections could be opened in time");
        // The storm of coming in must not count as calm.
        sleep(PAUSE).await;
        calls.times.take();
        sleep(BEFORE).await;
        lines.push((calm, Figures::default().with_times(calls.times.take())));
        let reloaded = edit(&server, &mut asker).await?;
        sleep(AFTER).await;
        let times = calls.times.take();
        lines.push((if reloaded { edited } else { ignored }, Figures::default().with_times(times)));
        calls.ended.set(true);
        while let Some(caller) = callers.join_next().await {
            caller??;
        }
    }
    Ok(lines)
}

async fn keep_calling(mut wire: Wire, calls: Rc<Calls>) -> Result<()> {
    let mut id = 0;
    while !calls.ended.get() {
        let sent = Instant::now();
        wire.send(format!(r#"{{"type":"req","id":"{id}","method":"ping","params":{{}}}}"#).as_bytes()).await?;
        loop {
            let frame = wire.next_soon().await?;
            if reply_to(&frame) == Some(id) {
                ensure!(is_ok(&frame), "ping was refused: {}", String::from_utf8_lossy(&frame));
                break;
            }
        }
        calls.times.borrow_mut().push(sent.elapsed());
        id += 1;
        sleep(PAUSE).await;
    }
    Ok(())
}

/// Changes the file as an editor does, and waits until the gateway says that it has another configuration.
pub(super) async fn edit(server: &Server, asker: &mut Wire) -> Result<bool> {
    let before = hash(asker, 1).await?;
    let path = server.config();
    let mut document: serde_json::Value = serde_json::from_slice(&fs::read(&path)?)?;
    // Whichever of two harmless levels it does not have.
    let level = if document["logging"]["level"] == "warn" { "error" } else { "warn" };
    document["logging"] = serde_json::json!({ "level": level });
    let new = path.with_extension("json.new");
    fs::write(&new, document.to_string())?;
    fs::set_permissions(&new, fs::metadata(&path)?.permissions())?;
    fs::rename(&new, &path)?;
    let until = Instant::now() + PATIENCE;
    let mut id = 2;
    while Instant::now() < until {
        if hash(asker, id).await? != before {
            return Ok(true);
        }
        id += 1;
        sleep(Duration::from_millis(20)).await;
    }
    Ok(false)
}

#[derive(Deserialize)]
struct Reply {
    payload: Snapshot,
}

#[derive(Deserialize)]
struct Snapshot {
    hash: String,
}

async fn hash(asker: &mut Wire, id: u64) -> Result<String> {
    let frame = ask(asker, id, "config.get", "{}").await?;
    let Reply { payload } = serde_json::from_slice(&frame).context("config.get names no hash")?;
    Ok(payload.hash)
}

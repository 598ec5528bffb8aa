//! One event for many.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, timeout},
};

use super::{Effort, Line, chat, connections::open};
use crate::{
    figures::Meter,
    login::Identity,
    server::{Launcher, Target},
    wire::{PATIENCE, Wire, is_event, is_ok, reply_to},
};

/// Most events of a repetition.
const MOST_EVENTS: usize = 20_000;

/// What the subscribers saw of the event that is on its way.
#[derive(Default)]
struct Seen {
    sent: Cell<Option<Instant>>,
    missing: Cell<usize>,
    times: RefCell<Vec<Duration>>,
    all: Notify,
}

/// Injects a message, waits until all subscribers have its event, and again. Times and counts are those of deliveries.
pub(super) async fn fanout(
    launcher: &Launcher,
    target: Target,
    effort: &Effort,
    subscribers: usize,
) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let mut publisher = server.connect(&Identity::Backend).await?;
    // The session must exist before anything can be injected into it.
    chat::prepare(&mut publisher, launcher, chat::SESSION).await?;
    let seen = Rc::new(Seen::default());
    let mut listeners = JoinSet::new();
    let mut subscribe = |wire| drop(listeners.spawn_local(listen(wire, Rc::clone(&seen))));
    let opened = open(&server, &Identity::CommandLine, subscribers, &mut subscribe).await?.len();
    ensure!(opened == subscribers, "only {opened} of {subscribers} subscribers could connect in time");
    inject(&mut publisher, &seen, subscribers, 0).await?;
    seen.times.borrow_mut().clear();
    let meter = Meter::start(server.tree())?;
    let until = Instant::now() + effort.stretch;
    for number in 1..MOST_EVENTS as u64 {
        if Instant::now() >= until {
            break;
        }
        let round = inject(&mut publisher, &seen, subscribers, number);
        tokio::select! {
            done = timeout(PATIENCE, round) => done.context("an event did not reach all subscribers")??,
            Some(ended) = listeners.join_next() => ended??,
        }
    }
    let times = seen.times.take();
    Ok(vec![("delivery", meter.stop(times.len())?.with_times(times))])
}

async fn inject(publisher: &mut Wire, seen: &Seen, subscribers: usize, number: u64) -> Result<()> {
    seen.missing.set(subscribers);
    let session = chat::SESSION;
    let request = format!(
        r#"{{"type":"req","id":"{number}","method":"chat.inject","params":{{"sessionKey":"{session}","message":"An event for everybody, number {number:06}"}}}}"#
    );
    seen.sent.set(Some(Instant::now()));
    publisher.send(request.as_bytes()).await?;
    loop {
        let frame = publisher.next().await?;
        if reply_to(&frame) == Some(number) {
            ensure!(is_ok(&frame), "chat.inject was refused: {}", String::from_utf8_lossy(&frame));
            break;
        }
    }
    while seen.missing.get() > 0 {
        seen.all.notified().await;
    }
    Ok(())
}

async fn listen(mut wire: Wire, seen: Rc<Seen>) -> Result<()> {
    loop {
        let frame = wire.next().await?;
        let Some(sent) = seen.sent.get().filter(|_| is_event(&frame, "chat")) else { continue };
        seen.times.borrow_mut().push(sent.elapsed());
        seen.missing.set(seen.missing.get().saturating_sub(1));
        if seen.missing.get() == 0 {
            seen.all.notify_one();
        }
    }
}

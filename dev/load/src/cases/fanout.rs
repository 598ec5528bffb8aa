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

use super::{Line, chat, connections::open};
use crate::{
    effort::Effort,
    figures::Meter,
    login::Identity,
    server::{Launcher, Server, Target},
    wire::{PATIENCE, Wire, is_event, is_ok, reply_to},
};

/// Events of a burst: as many calls as one connection may have at work.
pub(super) const BURST: usize = 64;
/// Most events of a repetition.
const MOST_EVENTS: usize = 20_000;

/// What the subscribers saw of the events that are on their way.
#[derive(Default)]
struct Seen {
    sent: Cell<Option<Instant>>,
    missing: Cell<usize>,
    times: RefCell<Vec<Duration>>,
    all: Notify,
}

/// A publisher and those who listen to it.
pub(super) struct Fan {
    publisher: Wire,
    subscribers: usize,
    seen: Rc<Seen>,
    listeners: JoinSet<Result<()>>,
    next: u64,
}

impl Fan {
    /// Opens the connections and publishes once, so that everything has been used.
    pub(super) async fn open(launcher: &Launcher, server: &Server, subscribers: usize) -> Result<Self> {
        let mut publisher = server.connect(&Identity::Backend).await?;
        // The session must exist before anything can be injected into it.
        chat::prepare(&mut publisher, launcher, chat::SESSION).await?;
        let seen = Rc::new(Seen::default());
        let mut listeners = JoinSet::new();
        let mut subscribe = |wire| drop(listeners.spawn_local(listen(wire, Rc::clone(&seen))));
        let opened = open(server, &Identity::CommandLine, subscribers, &mut subscribe).await?.len();
        ensure!(opened == subscribers, "only {opened} of {subscribers} subscribers could connect in time");
        let mut fan = Self { publisher, subscribers, seen, listeners, next: 0 };
        fan.publish(1, "The first event").await?;
        fan.times();
        Ok(fan)
    }

    /// Publishes so many events at once and waits until everybody has them all.
    pub(super) async fn publish(&mut self, events: usize, text: &str) -> Result<()> {
        let Self { publisher, subscribers, seen, listeners, next } = self;
        let round = inject(publisher, seen, *subscribers, *next, events, text);
        *next += events as u64;
        tokio::select! {
            done = timeout(PATIENCE, round) => done.context("an event did not reach all subscribers")?,
            Some(ended) = listeners.join_next() => ended?,
        }
    }

    /// The times of all deliveries since the last call.
    pub(super) fn times(&mut self) -> Vec<Duration> {
        self.seen.times.take()
    }
}

/// Injects messages, waits until all subscribers have their events, and again. Times and counts are those of deliveries.
pub(super) async fn fanout(
    launcher: &Launcher,
    target: Target,
    effort: &Effort,
    subscribers: usize,
    events: usize,
) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let mut fan = Fan::open(launcher, &server, subscribers.min(effort.subscribers)).await?;
    let meter = Meter::start(server.tree())?;
    let until = Instant::now() + effort.stretch;
    let mut rounds = 0;
    while Instant::now() < until && rounds * events < MOST_EVENTS {
        fan.publish(events, "An event for everybody").await?;
        rounds += 1;
    }
    let times = fan.times();
    let figures = meter.stop(times.len())?;
    Ok(vec![("delivery", figures.with_times(times))])
}

async fn inject(
    publisher: &mut Wire,
    seen: &Seen,
    subscribers: usize,
    first: u64,
    events: usize,
    text: &str,
) -> Result<()> {
    seen.missing.set(subscribers * events);
    let (session, numbers) = (chat::SESSION, first..first + events as u64);
    for number in numbers.clone() {
        let request = format!(
            r#"{{"type":"req","id":"{number}","method":"chat.inject","params":{{"sessionKey":"{session}","message":"{text}, number {number:06}"}}}}"#
        );
        publisher.queue(request.as_bytes());
    }
    seen.sent.set(Some(Instant::now()));
    publisher.flush().await?;
    let mut answers = 0;
    while answers < events {
        let frame = publisher.next().await?;
        if reply_to(&frame).is_some_and(|id| numbers.contains(&id)) {
            ensure!(is_ok(&frame), "chat.inject was refused: {}", String::from_utf8_lossy(&frame));
            answers += 1;
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

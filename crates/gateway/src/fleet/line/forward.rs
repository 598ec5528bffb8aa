//! Tells a caller what happens on a gateway that it follows, and ends its connection there when it is time.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use openclaw_client::{Delivery, Event, EventStream, State as Link};
use openclaw_protocol::{Scope, event::node::direct};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::watch;

use super::{Ended, IDLE_MS, Key, LONGEST_TEXT, Slot, clip};
use crate::{call::Call, outbox::Outbox, state::State};

/// How often it is looked at whether a connection is used, and whether there is room for a word that waits.
const LOOK: Duration = Duration::from_secs(30);

/// An event of another gateway, as a caller is told it.
#[derive(Serialize)]
struct Told<'a> {
    id: &'a str,
    event: &'a str,
    payload: &'a RawValue,
}

/// What became of a caller's connection to another gateway.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    /// `gap`: events are missing, fetch anew. `lost`: the connection is gone.
    state: &'static str,
    why: &'a str,
}

/// Tells a caller what its connection hears.
pub(super) struct Forward {
    state: Arc<State>,
    key: Key,
    outbox: Arc<Outbox>,
    slot: Arc<Slot>,
    /// Why events were left out that the caller was not told of yet.
    behind: Option<String>,
}

impl Forward {
    pub(super) fn new(call: &Call, key: &Key, slot: &Arc<Slot>) -> Self {
        let (state, outbox) = (Arc::clone(call.state()), Arc::clone(&call.conn().outbox));
        Self { state, key: key.clone(), outbox, slot: Arc::clone(slot), behind: None }
    }

    pub(super) async fn run(mut self, mut events: EventStream, mut link: watch::Receiver<Link>) {
        let mut look = tokio::time::interval(LOOK);
        let lost = loop {
            tokio::select! {
                biased;
                () = self.slot.life.stop.cancelled() => break false,
                _ = look.tick() => {
                    self.catch_up();
                    if self.is_given_up() {
                        return;
                    }
                }
                delivery = events.next() => match delivery {
                    Some(delivery) => self.deliver(&delivery),
                    None => break true,
                },
                _ = link.wait_for(|link| matches!(link, Link::Final { .. })) => break true,
            }
        };
        if lost {
            let why = last_word(&link);
            self.state.fleet.lines.forget(&self.key, &self.slot, Ended::Lost(why));
        }
        // Whoever holds it ends it; a call that is under way may still get its answer.
        self.slot.through.lock().await.take();
        if let Some(why) = self.slot.life.words().filter(|_| self.is_followed()) {
            self.outbox.push(self.line("lost", why));
        }
    }

    fn is_followed(&self) -> bool {
        self.slot.life.followed.load(Ordering::Relaxed)
    }

    /// Gives up a connection that nobody uses. Whoever takes one holds the lock while saying so.
    fn is_given_up(&self) -> bool {
        let Ok(mut through) = self.slot.through.try_lock() else { return false };
        let followed = self.is_followed() && self.state.hub.has(self.key.caller);
        let last = self.slot.life.last.load(Ordering::Relaxed);
        if followed || self.state.clock.now_ms() - last <= IDLE_MS {
            return false;
        }
        self.state.fleet.lines.forget(&self.key, &self.slot, Ended::Unused);
        through.take();
        true
    }

    fn deliver(&mut self, delivery: &Delivery) {
        if !self.is_followed() {
            return;
        }
        match delivery {
            Delivery::Event(event) if self.is_heard(event) => self.tell(event),
            Delivery::Event(_) => {}
            Delivery::Missed(_) => self.gap("events were missed"),
            Delivery::Gap(gap) => self.gap(&gap.to_string()),
        }
    }

    fn is_heard(&self, event: &Event) -> bool {
        let own = event.name.starts_with("gateways.") || event.name == "connect.challenge";
        !own && self.is_wanted(&event.name) && self.state.hub.may_hear(self.key.caller, scope_of(&event.name))
    }

    fn is_wanted(&self, event: &str) -> bool {
        self.slot.life.only().as_ref().is_none_or(|names| names.iter().any(|name| name == event))
    }

    /// A caller that does not read is not closed for what another gateway says: it is told to fetch anew.
    fn tell(&mut self, event: &Event) {
        self.catch_up();
        if self.behind.is_some() {
            return;
        }
        let told = Told { id: &self.key.gateway, event: &event.name, payload: &event.payload };
        if !self.outbox.offer(direct("gateways.event", &told)) {
            self.gap(
                "this connection read too slowly, or an event was longer than gateway.limits.maxBufferedBytes allows",
            );
        }
    }

    fn gap(&mut self, why: &str) {
        self.behind = Some(clip(why, LONGEST_TEXT));
        self.catch_up();
    }

    /// Says that events are missing, once there is room for the word.
    fn catch_up(&mut self) {
        if let Some(why) = &self.behind
            && self.outbox.offer(self.line("gap", why))
        {
            self.behind = None;
        }
    }

    fn line(&self, state: &'static str, why: &str) -> Vec<u8> {
        direct("gateways.line", &Line { id: &self.key.gateway, state, why: &clip(why, LONGEST_TEXT) })
    }
}

/// Why a connection will not come up any more.
fn last_word(link: &watch::Receiver<Link>) -> String {
    match &*link.borrow() {
        Link::Final { why } => why.to_string(),
        _ => "it was closed".to_owned(),
    }
}

/// The scope that one needs here to hear of such an event.
fn scope_of(event: &str) -> Scope {
    match event {
        "session.approval" => Scope::Approvals,
        "spawn_result" => Scope::Admin,
        _ if event.contains(".approval.") => Scope::Approvals,
        _ if event.contains(".pair.") => Scope::Pairing,
        _ if event.starts_with("question.") => Scope::Questions,
        _ => Scope::Read,
    }
}

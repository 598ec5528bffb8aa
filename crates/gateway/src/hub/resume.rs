//! Clients that may come back: their tickets, what the lost ones followed, and what they missed.

use std::collections::HashMap;

use openclaw_protocol::{
    event::Audience,
    resume::{Place, Reason, Ticket},
};
use tokio::time::Instant;

use super::{
    ConnNumber, Published,
    member::{Follower, is_same_caller},
    ring::{Missed, ResumeLimits, Ring, Shapes},
};

/// Lost clients that are remembered.
pub(super) const LOST: usize = 1024;
/// Sessions that they followed, all together.
pub(super) const LOST_FOLLOWED: usize = 16_384;

/// Everything about coming back. Empty, and without memory, while nobody asked for it.
#[derive(Debug)]
pub(super) struct Resume {
    pub(super) limits: ResumeLimits,
    ring: Ring,
    connected: HashMap<Ticket, ConnNumber>,
    lost: HashMap<Ticket, Lost>,
}

#[derive(Debug)]
struct Lost {
    follower: Follower,
    at: Instant,
}

impl Resume {
    pub(super) fn new(limits: ResumeLimits) -> Self {
        Self { limits, ring: Ring::new(), connected: HashMap::new(), lost: HashMap::new() }
    }

    /// Bytes of events that are kept.
    pub(super) fn bytes(&self) -> usize {
        self.ring.bytes()
    }

    /// Clients that are remembered.
    #[cfg(test)]
    pub(super) fn lost_count(&self) -> usize {
        self.lost.len()
    }

    /// Sessions that the lost clients follow.
    pub(super) fn lost_followed(&self) -> usize {
        self.lost.values().map(|lost| lost.follower.followed.len()).sum()
    }

    /// Whether a lost client with mode `ui` may come back.
    pub(super) fn awaits_ui(&self) -> bool {
        self.lost.values().any(|lost| lost.follower.view.ui)
    }

    /// A connection has this ticket.
    pub(super) fn connected(&mut self, ticket: Ticket, number: ConnNumber) {
        self.connected.insert(ticket, number);
    }

    /// The connection that has a ticket.
    pub(super) fn holder(&self, ticket: Ticket) -> Option<ConnNumber> {
        self.connected.get(&ticket).copied()
    }

    /// A connection was lost; its client may come back.
    pub(super) fn lost(&mut self, ticket: Ticket, follower: Follower) {
        self.connected.remove(&ticket);
        self.lost.insert(ticket, Lost { follower, at: Instant::now() });
        while self.lost.len() > LOST || self.lost_followed() > LOST_FOLLOWED {
            let Some(oldest) = self.lost.iter().min_by_key(|(_, lost)| lost.at).map(|(ticket, _)| *ticket) else {
                break;
            };
            self.lost.remove(&oldest);
        }
    }

    /// Nobody will come back with this ticket.
    pub(super) fn forget(&mut self, ticket: Ticket) {
        self.connected.remove(&ticket);
    }

    /// Those among the lost will not come back either.
    pub(super) fn forget_where(&mut self, which: impl Fn(&Follower) -> bool) {
        self.lost.retain(|_, lost| !which(&lost.follower));
    }

    /// What the lost clients followed.
    pub(super) fn followers(&mut self) -> impl Iterator<Item = &mut Follower> {
        self.lost.values_mut().map(|lost| &mut lost.follower)
    }

    /// What a lost client followed.
    pub(super) fn follower(&self, ticket: Ticket) -> Option<&Follower> {
        self.lost.get(&ticket).map(|lost| &lost.follower)
    }

    /// Takes what a lost client followed.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Follower> {
        self.lost.remove(&ticket).map(|lost| lost.follower)
    }

    /// Lets go what is too old or too much; `now` is the number of the last event.
    pub(super) fn shrink(&mut self, now: u64) {
        if !self.lost.is_empty() {
            let (moment, age) = (Instant::now(), self.limits.age);
            self.lost.retain(|_, lost| lost.at + age >= moment);
        }
        if self.connected.is_empty() && self.lost.is_empty() {
            if self.ring.bytes() > 0 {
                (self.connected, self.lost) = Default::default();
            }
            self.ring.clear(now);
        } else {
            self.ring.shrink(self.limits);
        }
    }

    /// Keeps an event for whoever may come back: those in `shapes`, and the lost ones that it is for.
    pub(super) fn keep(&mut self, number: u64, published: &Published, mut shapes: Shapes) {
        let event = published.event();
        if event.is_momentary() {
            return;
        }
        let (audience, scope) = (event.audience(), event.scope());
        for lost in self.lost.values().filter(|lost| lost.follower.hears(audience, scope)) {
            shapes.add(lost.follower.view);
        }
        if !shapes.is_empty() {
            self.ring.keep(number, published, shapes, self.limits);
        }
    }

    /// What `old` missed since it was at `place`, as far as its successor may see it too.
    ///
    /// # Errors
    /// Why there is no way on from there.
    pub(super) fn missed(
        &self,
        old: &Follower,
        new: &Follower,
        place: &Place,
        now: u64,
    ) -> Result<Vec<Missed>, Reason> {
        if !is_same_caller(&old.principal, &new.principal) || old.view != new.view {
            return Err(Reason::OtherCaller);
        }
        if self.limits.events == 0
            || place.read_up_to() < old.since
            || place.position > now
            || !self.ring.reaches(place.read_up_to())
        {
            return Err(Reason::TooOld);
        }
        let wants = |number: u64, audience: Audience<'_>, scope| {
            old.heard(number, audience, scope)
                && scope.is_none_or(|scope| new.may_see(scope, audience))
                && new.can(audience)
        };
        Ok(self.ring.missed(place, new.view, wants))
    }
}

//! Who is connected and who gets which event.
//!
//! Publishing is synchronous: an event is in every queue when `publish` returns, so events have one order for everybody,
//! and that is the order in which the changes were committed. Each event has a number in this order; clients that may come
//! back are told it as its position.

mod member;
mod resume;
mod ring;

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use openclaw_auth::{AuthMethod, Principal};
use openclaw_protocol::{
    DeviceId, Dialect, Scope, SessionKey, close,
    event::{Audience, Delivery, Event, View},
    resume::{Answer, Ask, Place, Reason, Status, Ticket},
};

pub(crate) use member::{FOLLOWED_SESSIONS, Reviews};
pub(crate) use ring::ResumeLimits;

use crate::{
    access::Guard,
    metrics::Metrics,
    outbox::{Outbox, Pushed},
};
use member::{Follower, Member};
use resume::Resume;
use ring::{Missed, Shapes};

/// Connections that are told at once by [`Hub::publish_paced`].
const PACED: usize = 100;
/// Pause before it tells the next ones: ten thousand connections hear of it within a second.
const PAUSE: Duration = Duration::from_millis(10);

/// One view of each shape.
const VIEWS: [View; View::SHAPES] = [
    View { dialect: Dialect::V4, ui: false },
    View { dialect: Dialect::V4, ui: true },
    View { dialect: Dialect::V1, ui: false },
    View { dialect: Dialect::V1, ui: true },
];

/// Names a connection for as long as it lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConnNumber(u64);

impl ConnNumber {
    /// A number, for tests of what only keeps numbers.
    #[cfg(test)]
    pub(crate) const fn test(number: u64) -> Self {
        Self(number)
    }

    /// The number, as events carry it.
    pub(crate) const fn number(self) -> u64 {
        self.0
    }
}

/// An event with its serialised bodies, each made at most once.
#[derive(Debug)]
pub(crate) struct Published {
    event: Event,
    delivery: Delivery,
    bodies: [OnceLock<Option<Bytes>>; View::SHAPES],
}

impl Published {
    pub(crate) fn new(event: Event) -> Self {
        Self { delivery: event.delivery(), event, bodies: Default::default() }
    }

    pub(crate) fn event(&self) -> &Event {
        &self.event
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.delivery
    }

    pub(crate) fn body(&self, view: View) -> Option<Bytes> {
        self.bodies[self.event.shape(view)].get_or_init(|| self.event.body(view).map(Bytes::from)).clone()
    }
}

/// Somebody who finished its handshake.
#[derive(Debug)]
pub(crate) struct Joining<'a> {
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) principal: Arc<Principal>,
    /// What let it in.
    pub(crate) method: AuthMethod,
    pub(crate) view: View,
    pub(crate) tool_events: bool,
    /// Which approvals it shows to people.
    pub(crate) reviews: Reviews,
    /// For clients that want to come back: whence they come, and a ticket in case they need a new one.
    pub(crate) resume: Option<(&'a Ask, Ticket)>,
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    /// Its client said goodbye.
    Done,
    /// Otherwise; its client may come back.
    Lost,
}

/// The list of connections.
#[derive(Debug)]
pub(crate) struct Hub {
    roll: Mutex<Roll>,
    /// Names this start of the gateway to those who come back.
    epoch: String,
    /// Connections by the shape of their events, so that bodies are made before the list is locked.
    shapes: [AtomicUsize; View::SHAPES],
    next: AtomicU64,
    metrics: Arc<Metrics>,
}

/// What became of an event.
struct Spread {
    /// Its number.
    number: u64,
    /// Bytes that were put into queues.
    bytes: usize,
    /// Who has not got it yet.
    later: Vec<ConnNumber>,
}

/// What the lock guards.
#[derive(Debug)]
struct Roll {
    members: HashMap<ConnNumber, Member>,
    /// Number of the last event.
    told: u64,
    resume: Resume,
    /// What narrows what members hear.
    rules: Option<Arc<Guard>>,
}

impl Hub {
    pub(crate) fn new(epoch: &str, limits: ResumeLimits, metrics: Arc<Metrics>) -> Self {
        Self {
            roll: Mutex::new(Roll { members: HashMap::new(), told: 0, resume: Resume::new(limits), rules: None }),
            epoch: epoch.to_owned(),
            shapes: Default::default(),
            next: AtomicU64::new(1),
            metrics,
        }
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A number for a request that has no connection: nothing is told to it.
    pub(crate) fn unlisted(&self) -> ConnNumber {
        ConnNumber(self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Adds a connection that finished its handshake. When it goes on where its client was, what that missed is in its queue,
    /// and nothing comes between that and what is told from now on.
    pub(crate) fn join(&self, joining: Joining<'_>, limits: ResumeLimits) -> (ConnNumber, Option<Answer>) {
        let number = ConnNumber(self.next.fetch_add(1, Ordering::Relaxed));
        let Joining { outbox, principal, method, view, tool_events, reviews, resume } = joining;
        self.shapes[view.shape()].fetch_add(1, Ordering::Relaxed);
        let mut roll = self.roll();
        roll.resume.limits = limits;
        let told = roll.told;
        let mut follower = Follower {
            number,
            sees: roll.rules.as_ref().and_then(|rules| rules.hears(&principal)),
            principal,
            method,
            view,
            tool_events,
            reviews,
            since: told,
            sessions: None,
            followed: HashMap::new(),
            approvals_of: HashMap::new(),
        };
        let answer = resume.map(|(ask, fresh)| {
            let came = ask.from.as_ref().map(|place| self.come_back(&mut roll, &mut follower, &outbox, place));
            let (status, reason, ticket, position) = match (came, &ask.from) {
                (Some(Ok(())), Some(place)) => (Status::Resumed, None, place.ticket, place.position),
                (Some(Err(reason)), _) => (Status::Snapshot, Some(reason), fresh, told),
                _ => (Status::New, None, fresh, told),
            };
            match status {
                Status::Resumed => self.metrics.resumed.inc(),
                Status::Snapshot => self.metrics.not_resumed.inc(),
                Status::New => 0,
            };
            roll.resume.connected(ticket, number);
            Answer { status, reason, epoch: self.epoch.clone(), ticket, position }
        });
        let ticket = answer.as_ref().map(|answer| answer.ticket);
        roll.members.insert(number, Member { outbox, follower, ticket });
        (number, answer)
    }

    /// Lets `new` take over what the client followed that was at `place`, and queues what that missed.
    fn come_back(&self, roll: &mut Roll, new: &mut Follower, outbox: &Outbox, place: &Place) -> Result<(), Reason> {
        if place.epoch != self.epoch {
            return Err(Reason::Restarted);
        }
        roll.resume.shrink(roll.told);
        let holder = roll.resume.holder(place.ticket);
        let old = match holder.and_then(|holder| roll.members.get(&holder)) {
            Some(member) => &member.follower,
            None => roll.resume.follower(place.ticket).ok_or(Reason::Expired)?,
        };
        let missed = match roll.resume.missed(old, new, place, roll.told) {
            Err(Reason::OtherCaller) => return Err(Reason::OtherCaller),
            missed => missed,
        };
        // Whatever comes of it, this is the same client, and it is here now: it often knows sooner than the gateway that its
        // connection is gone.
        let old = match holder.and_then(|holder| self.take_out(roll, holder)) {
            Some(member) => {
                member.outbox.close(close::POLICY, "its client came back on another connection");
                roll.resume.forget(place.ticket);
                member.follower
            }
            None => roll.resume.take(place.ticket).ok_or(Reason::Expired)?,
        };
        let missed = missed?;
        if missed.iter().map(|Missed { body, .. }| body.len()).sum::<usize>() > outbox.limit() / 2 {
            return Err(Reason::TooOld);
        }
        (new.since, new.sessions, new.followed) = (old.since, old.sessions, old.followed);
        new.approvals_of = old.approvals_of;
        for Missed { number, first, body } in missed {
            outbox.replay(body, number, first);
        }
        Ok(())
    }

    /// Removes a connection.
    pub(crate) fn leave(&self, number: ConnNumber, how: Leaving) {
        let mut roll = self.roll();
        let Some(Member { ticket: Some(ticket), follower, .. }) = self.take_out(&mut roll, number) else { return };
        match how {
            Leaving::Lost => roll.resume.lost(ticket, follower),
            Leaving::Done => roll.resume.forget(ticket),
        }
        let told = roll.told;
        roll.resume.shrink(told);
    }

    fn take_out(&self, roll: &mut Roll, number: ConnNumber) -> Option<Member> {
        let member = roll.members.remove(&number)?;
        self.shapes[member.follower.view.shape()].fetch_sub(1, Ordering::Relaxed);
        Some(member)
    }

    /// Follows other rules about who hears what, for those who are here and those who may come back.
    pub(crate) fn follow_rules(&self, rules: Option<Arc<Guard>>) {
        let mut roll = self.roll();
        let Roll { members, resume, .. } = &mut *roll;
        let followers = members.values_mut().map(|member| &mut member.follower).chain(resume.followers());
        for follower in followers {
            follower.sees = rules.as_ref().and_then(|rules| rules.hears(&follower.principal));
        }
        roll.rules = rules;
    }

    /// Connections that were let in by a credential that `which` picks.
    pub(crate) fn admitted_by(&self, which: impl Fn(AuthMethod) -> bool) -> usize {
        self.roll().members.values().filter(|member| which(member.follower.method)).count()
    }

    /// Connections of a device.
    pub(crate) fn connections_of(&self, device: &DeviceId) -> usize {
        let roll = self.roll();
        roll.members.values().filter(|member| member.follower.principal.device_id() == Some(device)).count()
    }

    /// Whether this connection is here.
    pub(crate) fn has(&self, number: ConnNumber) -> bool {
        self.roll().members.contains_key(&number)
    }

    /// Whether a connection that is here may be told what needs this scope: its credential and its role say so.
    pub(crate) fn may_hear(&self, number: ConnNumber, scope: Scope) -> bool {
        self.roll().members.get(&number).is_some_and(|member| member.follower.may_see(scope, Audience::Everyone))
    }

    /// Authenticated connections.
    pub(crate) fn len(&self) -> usize {
        self.roll().members.len()
    }

    /// Turns `sessions.changed` on or off for a connection.
    pub(crate) fn follow_sessions(&self, number: ConnNumber, follow: bool) {
        let mut roll = self.roll();
        let told = roll.told;
        if let Some(member) = roll.members.get_mut(&number) {
            let sessions = &mut member.follower.sessions;
            *sessions = follow.then(|| sessions.unwrap_or(told));
        }
    }

    /// Follows a session's messages. `false` when the connection follows too many.
    pub(crate) fn follow_messages(&self, number: ConnNumber, key: SessionKey) -> bool {
        let mut roll = self.roll();
        let told = roll.told;
        roll.members.get_mut(&number).is_some_and(|member| member.follower.follow(key, told))
    }

    /// Hears of a session's approvals, too, or does not; only while its messages are followed.
    pub(crate) fn follow_approvals(&self, number: ConnNumber, key: &SessionKey, follow: bool) {
        let mut roll = self.roll();
        let told = roll.told;
        let Some(member) = roll.members.get_mut(&number) else { return };
        if follow && member.follower.followed.contains_key(key) {
            member.follower.approvals_of.entry(key.clone()).or_insert(told);
        } else {
            member.follower.approvals_of.remove(key);
        }
    }

    /// Whether somebody is connected who could show such an approval to people. In dialect 4 nobody asks themselves.
    /// `devices` are those that are asked; all when empty.
    pub(crate) fn has_reviewer(&self, plugin: bool, asker: Option<ConnNumber>, devices: &Arc<[String]>) -> bool {
        let audience = Audience::Reviewers { plugin, but: asker.map(ConnNumber::number), devices };
        self.roll().members.values().any(|member| member.follower.hears(audience, Some(Scope::Approvals)))
    }

    /// Stops following a session's messages.
    pub(crate) fn unfollow_messages(&self, number: ConnNumber, key: &SessionKey) {
        if let Some(member) = self.roll().members.get_mut(&number) {
            member.follower.followed.remove(key);
            member.follower.approvals_of.remove(key);
        }
    }

    /// Whether anybody with mode `ui` listens: their events are not made for nobody.
    pub(crate) fn has_ui(&self) -> bool {
        let roll = self.roll();
        roll.members.values().any(|member| member.follower.view.ui) || roll.resume.awaits_ui()
    }

    /// Puts an event into the queue of everyone who may see it and wants it. How many bytes that were, all queues together.
    pub(crate) fn publish(&self, event: Event) -> usize {
        self.spread(&Published::new(event), |_| true).bytes
    }

    /// As [`Hub::publish`], but to a few connections at a time with pauses between them: for news that some may hear a moment
    /// later, so that thousands who wake up at once keep nobody's answer waiting. Clients that may come back hear it at once,
    /// because their position counts events in the order of all. What one task publishes so keeps its order.
    pub(crate) async fn publish_paced(&self, event: Event) {
        let published = Published::new(event);
        let Spread { number, later, .. } = self.spread(&published, |member| member.ticket.is_some());
        for (at, some) in later.chunks(PACED).enumerate() {
            if at > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            let roll = self.roll();
            for member in some.iter().filter_map(|conn| roll.members.get(conn)) {
                self.put(&published, member, number);
            }
        }
    }

    /// Puts an event into the queues of those whom `now` picks among everyone who may see it and wants it.
    fn spread(&self, published: &Published, now: impl Fn(&Member) -> bool) -> Spread {
        let (scope, audience) = (published.event.scope(), published.event.audience());
        self.prepare(published, audience);
        let mut shapes = Shapes::default();
        let mut roll = self.roll();
        roll.told += 1;
        let mut spread = Spread { number: roll.told, bytes: 0, later: Vec::new() };
        for (conn, member) in roll.members.iter().filter(|(_, member)| member.follower.hears(audience, scope)) {
            if member.ticket.is_some() {
                shapes.add(member.follower.view);
            }
            if now(member) {
                spread.bytes += self.put(published, member, spread.number);
            } else {
                spread.later.push(*conn);
            }
        }
        roll.resume.keep(spread.number, published, shapes);
        roll.resume.shrink(spread.number);
        self.metrics.resume_bytes.set(i64::try_from(roll.resume.bytes()).unwrap_or(i64::MAX));
        spread
    }

    /// Puts an event into one queue. How many bytes that were.
    fn put(&self, published: &Published, member: &Member, number: u64) -> usize {
        match member.outbox.publish(published, member.follower.view, number) {
            Pushed::Queued(bytes) | Pushed::Replaced(bytes) => return bytes,
            Pushed::Dropped => self.metrics.events_dropped.inc(),
            Pushed::Overflow => self.metrics.slow_consumers.inc(),
        };
        0
    }

    /// Makes the bodies that somebody will surely get while nobody has to wait for it. Events for subscribers are made when
    /// the first of them is found, because mostly there is none.
    fn prepare(&self, published: &Published, audience: Audience<'_>) {
        let wanted = |view: View| match audience {
            Audience::Everyone | Audience::Conversation(_) | Audience::Managers(_) => true,
            Audience::Ui => view.ui,
            Audience::SessionSubscribers
            | Audience::MessageSubscribers(_)
            | Audience::MessageSubscribersAndUi(_)
            | Audience::ToolEvents
            | Audience::Reviewers { .. }
            | Audience::ApprovalFollowers(_) => false,
        };
        for view in VIEWS.into_iter().filter(|view| wanted(*view)) {
            if self.shapes[view.shape()].load(Ordering::Relaxed) > 0 {
                published.body(view);
            }
        }
    }

    /// Asks connections to end; `which` picks them. Their clients do not go on where they were, nor do those among the lost.
    pub(crate) fn close_where(&self, code: u16, reason: &str, which: impl Fn(&Principal) -> bool) -> usize {
        let mut roll = self.roll();
        let Roll { members, resume, .. } = &mut *roll;
        resume.forget_where(|follower| which(&follower.principal));
        let chosen = members.values_mut().filter(|member| which(&member.follower.principal));
        let end = |member: &mut Member| {
            member.forget(resume);
            member.outbox.close(code, reason);
        };
        chosen.map(end).count()
    }

    /// Asks connections to end that were let in by a credential that `which` picks, but not `asker`, who is still owed an
    /// answer. Tells how many, and whether the asker was let in by one, too. None of their clients goes on where it was.
    pub(crate) fn close_admitted_by(
        &self,
        code: u16,
        reason: &str,
        asker: Option<ConnNumber>,
        which: impl Fn(AuthMethod) -> bool,
    ) -> (usize, bool) {
        let mut roll = self.roll();
        let Roll { members, resume, .. } = &mut *roll;
        resume.forget_where(|follower| which(follower.method));
        let (mut closed, mut asker_too) = (0, false);
        for (number, member) in members.iter_mut().filter(|(_, member)| which(member.follower.method)) {
            member.forget(resume);
            if Some(*number) == asker {
                asker_too = true;
            } else {
                member.outbox.close(code, reason);
                closed += 1;
            }
        }
        (closed, asker_too)
    }

    /// Asks one connection to end; its client does not go on where it was.
    pub(crate) fn turn_away(&self, number: ConnNumber, code: u16, reason: &str) {
        let mut roll = self.roll();
        let Roll { members, resume, .. } = &mut *roll;
        if let Some(member) = members.get_mut(&number) {
            member.forget(resume);
            member.outbox.close(code, reason);
        }
    }
}

#[cfg(test)]
mod tests;

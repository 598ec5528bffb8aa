//! Who is connected and who gets which event.
//!
//! Publishing is synchronous: an event is in every queue when `publish` returns, so events have one order for everybody,
//! and that is the order in which the changes were committed.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use openclaw_auth::{AuthMethod, Principal};
use openclaw_protocol::{
    Dialect, Role, SessionKey,
    event::{Audience, Delivery, Event, View},
};

use crate::{
    metrics::Metrics,
    outbox::{Outbox, Pushed},
};

/// Sessions that one connection may follow at the same time.
pub(crate) const FOLLOWED_SESSIONS: usize = 1024;

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
        self.bodies[view.shape()].get_or_init(|| self.event.body(view).map(Bytes::from)).clone()
    }
}

/// What the hub knows of a connection.
#[derive(Debug)]
struct Member {
    outbox: Arc<Outbox>,
    principal: Arc<Principal>,
    /// What let it in.
    method: AuthMethod,
    view: View,
    tool_events: bool,
    sessions: bool,
    followed: HashSet<SessionKey>,
}

/// The list of connections.
#[derive(Debug)]
pub(crate) struct Hub {
    members: Mutex<HashMap<ConnNumber, Member>>,
    /// Connections by the shape of their events, so that bodies are made before the list is locked.
    shapes: [AtomicUsize; View::SHAPES],
    next: AtomicU64,
    metrics: Arc<Metrics>,
}

impl Hub {
    pub(crate) fn new(metrics: Arc<Metrics>) -> Self {
        Self { members: Mutex::default(), shapes: Default::default(), next: AtomicU64::new(1), metrics }
    }

    fn members(&self) -> MutexGuard<'_, HashMap<ConnNumber, Member>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection that finished its handshake.
    pub(crate) fn join(
        &self,
        outbox: Arc<Outbox>,
        principal: Arc<Principal>,
        method: AuthMethod,
        view: View,
        tool_events: bool,
    ) -> ConnNumber {
        let number = ConnNumber(self.next.fetch_add(1, Ordering::Relaxed));
        let member = Member { outbox, principal, method, view, tool_events, sessions: false, followed: HashSet::new() };
        self.shapes[view.shape()].fetch_add(1, Ordering::Relaxed);
        self.members().insert(number, member);
        number
    }

    /// Removes a connection.
    pub(crate) fn leave(&self, number: ConnNumber) {
        let left = self.members().remove(&number);
        if let Some(member) = left {
            self.shapes[member.view.shape()].fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Authenticated connections.
    pub(crate) fn len(&self) -> usize {
        self.members().len()
    }

    /// Turns `sessions.changed` on or off for a connection.
    pub(crate) fn follow_sessions(&self, number: ConnNumber, follow: bool) {
        if let Some(member) = self.members().get_mut(&number) {
            member.sessions = follow;
        }
    }

    /// Follows a session's messages. `false` when the connection follows too many.
    pub(crate) fn follow_messages(&self, number: ConnNumber, key: SessionKey) -> bool {
        self.members().get_mut(&number).is_some_and(|member| {
            if member.followed.len() >= FOLLOWED_SESSIONS && !member.followed.contains(&key) {
                return false;
            }
            member.followed.insert(key);
            true
        })
    }

    /// Stops following a session's messages.
    pub(crate) fn unfollow_messages(&self, number: ConnNumber, key: &SessionKey) {
        if let Some(member) = self.members().get_mut(&number) {
            member.followed.remove(key);
        }
    }

    /// Whether anybody with mode `ui` listens: their events are not made for nobody.
    pub(crate) fn has_ui(&self) -> bool {
        self.members().values().any(|member| member.view.ui)
    }

    /// Puts an event into the queue of everyone who may see it and wants it. How many bytes that were, all queues together.
    pub(crate) fn publish(&self, event: Event) -> usize {
        let published = Published::new(event);
        let (scope, audience) = (published.event.scope(), published.event.audience());
        self.prepare(&published, audience);
        let mut told = 0;
        for member in self.members().values() {
            if !member.wants(audience) || !member.may_see(scope) {
                continue;
            }
            match member.outbox.publish(&published, member.view) {
                Pushed::Dropped => self.metrics.events_dropped.inc(),
                Pushed::Overflow => self.metrics.slow_consumers.inc(),
                Pushed::Queued | Pushed::Replaced => {
                    told += published.body(member.view).map_or(0, |body| body.len());
                    continue;
                }
            };
        }
        told
    }

    /// Makes the bodies that somebody will surely get while nobody has to wait for it. Events for subscribers are made when
    /// the first of them is found, because mostly there is none.
    fn prepare(&self, published: &Published, audience: Audience<'_>) {
        let wanted = |view: View| match audience {
            Audience::Everyone => true,
            Audience::Ui => view.ui,
            Audience::SessionSubscribers
            | Audience::MessageSubscribers(_)
            | Audience::MessageSubscribersAndUi(_)
            | Audience::ToolEvents => false,
        };
        for view in VIEWS.into_iter().filter(|view| wanted(*view)) {
            if self.shapes[view.shape()].load(Ordering::Relaxed) > 0 {
                published.body(view);
            }
        }
    }

    /// Asks connections to end; `which` picks them.
    pub(crate) fn close_where(&self, code: u16, reason: &str, which: impl Fn(&Principal) -> bool) -> usize {
        let members = self.members();
        let chosen = members.values().filter(|member| which(&member.principal));
        chosen.map(|member| member.outbox.close(code, reason)).count()
    }

    /// Asks connections to end that were let in by a credential that `which` picks, but not `asker`, who is still owed an
    /// answer. Tells how many, and whether the asker was let in by one, too.
    pub(crate) fn close_admitted_by(
        &self,
        code: u16,
        reason: &str,
        asker: Option<ConnNumber>,
        which: impl Fn(AuthMethod) -> bool,
    ) -> (usize, bool) {
        let members = self.members();
        let (mut closed, mut asker_too) = (0, false);
        for (number, member) in members.iter().filter(|(_, member)| which(member.method)) {
            if Some(*number) == asker {
                asker_too = true;
            } else {
                member.outbox.close(code, reason);
                closed += 1;
            }
        }
        (closed, asker_too)
    }
}

impl Member {
    fn wants(&self, audience: Audience<'_>) -> bool {
        match audience {
            Audience::Everyone => true,
            Audience::Ui => self.view.ui,
            Audience::SessionSubscribers => self.sessions,
            Audience::MessageSubscribers(key) => self.followed.contains(key),
            Audience::MessageSubscribersAndUi(key) => self.view.ui || self.followed.contains(key),
            Audience::ToolEvents => self.tool_events,
        }
    }

    fn may_see(&self, scope: Option<openclaw_protocol::Scope>) -> bool {
        match scope {
            None => true,
            Some(scope) => self.principal.role() == Role::Operator && self.principal.may(scope),
        }
    }
}

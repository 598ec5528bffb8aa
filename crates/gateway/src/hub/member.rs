//! What the hub knows of a connection, and keeps of one that was lost.

use std::{collections::HashMap, sync::Arc};

use openclaw_auth::{AuthMethod, Principal};
use openclaw_protocol::{
    Role, Scope, SessionKey,
    event::{Audience, View},
    resume::Ticket,
};

use super::resume::Resume;
use crate::outbox::Outbox;

/// Sessions that one connection may follow at the same time.
pub(crate) const FOLLOWED_SESSIONS: usize = 1024;

/// A connection.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) outbox: Arc<Outbox>,
    pub(super) follower: Follower,
    /// For clients that may come back.
    pub(super) ticket: Option<Ticket>,
}

impl Member {
    /// Its client does not go on where it was.
    pub(super) fn forget(&mut self, resume: &mut Resume) {
        if let Some(ticket) = self.ticket.take() {
            resume.forget(ticket);
        }
    }
}

/// Who hears what. It outlives the connection of a client that may come back.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) principal: Arc<Principal>,
    /// What let it in.
    pub(super) method: AuthMethod,
    pub(super) view: View,
    pub(super) tool_events: bool,
    /// Number of the last event before it came; it may not ask for older ones.
    pub(super) since: u64,
    /// The same for `sessions.changed`, when it follows them.
    pub(super) sessions: Option<u64>,
    /// The same for each session whose messages it follows.
    pub(super) followed: HashMap<SessionKey, u64>,
}

impl Follower {
    /// Whether an event that is told now is for it.
    pub(super) fn hears(&self, audience: Audience<'_>, scope: Option<Scope>) -> bool {
        self.heard(u64::MAX, audience, scope)
    }

    /// Whether an event with this number was for it.
    pub(super) fn heard(&self, number: u64, audience: Audience<'_>, scope: Option<Scope>) -> bool {
        let wants = match audience {
            Audience::Everyone => true,
            Audience::Ui => self.view.ui,
            Audience::SessionSubscribers => self.sessions.is_some_and(|since| number > since),
            Audience::MessageSubscribers(key) => self.follows(key, number),
            Audience::MessageSubscribersAndUi(key) => self.view.ui || self.follows(key, number),
            Audience::Conversation(key) => self.principal.role() == Role::Operator || self.follows(key, number),
            Audience::ToolEvents => self.tool_events,
        };
        wants && scope.is_none_or(|scope| may_see(&self.principal, scope, audience))
    }

    fn follows(&self, key: &SessionKey, number: u64) -> bool {
        self.followed.get(key).is_some_and(|since| number > *since)
    }

    /// Follows a session's messages from now on. `false` when it follows too many.
    pub(super) fn follow(&mut self, key: SessionKey, now: u64) -> bool {
        if self.followed.len() >= FOLLOWED_SESSIONS && !self.followed.contains_key(&key) {
            return false;
        }
        self.followed.entry(key).or_insert(now);
        true
    }
}

/// Whether the caller may be told something that needs this scope. A node has no scopes; beside what is told to all, it is
/// told the conversations that it was let to follow.
pub(super) fn may_see(principal: &Principal, scope: Scope, audience: Audience<'_>) -> bool {
    match principal.role() {
        Role::Operator => principal.may(scope),
        Role::Node => matches!(audience, Audience::Conversation(_)),
    }
}

/// Whether both are the same caller; the scopes may differ.
pub(super) fn is_same_caller(one: &Principal, other: &Principal) -> bool {
    one.identity() == other.identity()
        && one.role() == other.role()
        && one.owner() == other.owner()
        && one.client_id() == other.client_id()
        && one.client_mode() == other.client_mode()
        && one.dialect() == other.dialect()
}

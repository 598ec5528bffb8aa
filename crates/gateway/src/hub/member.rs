//! What the hub knows of a connection, and keeps of one that was lost.

use std::{collections::HashMap, sync::Arc};

use openclaw_auth::{AuthMethod, Principal};
use openclaw_protocol::{
    Dialect, Role, Scope, Scopes, SessionKey,
    event::{Audience, View},
    resume::Ticket,
};

use super::{ConnNumber, resume::Resume};
use crate::outbox::Outbox;

/// Sessions that one connection may follow at the same time.
pub(crate) const FOLLOWED_SESSIONS: usize = 1024;

/// Which approvals a connection shows to people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reviews {
    /// Of commands.
    pub(crate) exec: bool,
    /// Of plugins.
    pub(crate) plugin: bool,
}

impl Reviews {
    /// What a client can show: by its capabilities in dialect 4, which earlier dialects do not know, and for clients that
    /// always could by what they are, as in the reference (PROTOCOL §3.2).
    pub(crate) fn of(dialect: Dialect, client_id: &str, caps: &[String]) -> Self {
        let every = dialect != Dialect::V4 || client_id == "openclaw-control-ui";
        let can = |cap: &str| every || caps.iter().any(|word| word == cap || word == "approvals");
        Self {
            exec: can("exec-approvals") || matches!(client_id, "openclaw-macos" | "openclaw-ios" | "openclaw-android"),
            plugin: can("plugin-approvals") || client_id == "openclaw-tui",
        }
    }

    pub(super) const fn has(self, plugin: bool) -> bool {
        if plugin { self.plugin } else { self.exec }
    }
}

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
    /// Its present or last connection.
    pub(super) number: ConnNumber,
    pub(super) principal: Arc<Principal>,
    /// What its role lets it hear; `None` where roles do not narrow it.
    pub(super) sees: Option<Scopes>,
    /// What let it in.
    pub(super) method: AuthMethod,
    pub(super) view: View,
    pub(super) tool_events: bool,
    pub(super) reviews: Reviews,
    /// Number of the last event before it came; it may not ask for older ones.
    pub(super) since: u64,
    /// The same for `sessions.changed`, when it follows them.
    pub(super) sessions: Option<u64>,
    /// The same for each session whose messages it follows.
    pub(super) followed: HashMap<SessionKey, u64>,
    /// The same for those of them whose approvals it follows.
    pub(super) approvals_of: HashMap<SessionKey, u64>,
}

impl Follower {
    /// Whether an event that is told now is for it.
    pub(super) fn hears(&self, audience: Audience<'_>, scope: Option<Scope>) -> bool {
        self.heard(u64::MAX, audience, scope)
    }

    /// Whether an event with this number was for it.
    pub(super) fn heard(&self, number: u64, audience: Audience<'_>, scope: Option<Scope>) -> bool {
        let wants = match audience {
            Audience::Everyone | Audience::Managers(_) => true,
            Audience::Ui => self.view.ui,
            Audience::SessionSubscribers => self.sessions.is_some_and(|since| number > since),
            Audience::MessageSubscribers(key) => self.follows(key, number),
            Audience::MessageSubscribersAndUi(key) => self.view.ui || self.follows(key, number),
            Audience::Conversation(key) => self.principal.role() == Role::Operator || self.follows(key, number),
            Audience::ToolEvents => self.tool_events,
            Audience::Reviewers { plugin, but, devices } => {
                let asked_itself = self.view.dialect == Dialect::V4 && but == Some(self.number.number());
                let device = self.principal.device_id();
                let asked = devices.is_empty()
                    || device.is_some_and(|device| devices.iter().any(|one| one.as_str() == device.as_str()));
                self.reviews.has(plugin) && !asked_itself && asked
            }
            Audience::ApprovalFollowers(key) => self.approvals_of.get(key).is_some_and(|since| number > *since),
        };
        wants && scope.is_none_or(|scope| self.may_see(scope, audience))
    }

    /// Whether its client, as it is now, can make something of events for this audience.
    pub(super) fn can(&self, audience: Audience<'_>) -> bool {
        match audience {
            Audience::ToolEvents => self.tool_events,
            Audience::Reviewers { plugin, .. } => self.reviews.has(plugin),
            _ => true,
        }
    }

    /// Whether it may be told something that needs this scope. A node has no scopes; beside what is told to all, it is told the
    /// conversations that it was let to follow.
    pub(super) fn may_see(&self, scope: Scope, audience: Audience<'_>) -> bool {
        if matches!(audience, Audience::Managers(device) if !self.principal.manages(device)) {
            return false;
        }
        match self.principal.role() {
            Role::Operator => self.principal.may(scope) && self.sees.is_none_or(|sees| sees.grants(scope)),
            Role::Node => matches!(audience, Audience::Conversation(_)),
        }
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

/// Whether both are the same caller; the scopes may differ.
pub(super) fn is_same_caller(one: &Principal, other: &Principal) -> bool {
    one.identity() == other.identity()
        && one.role() == other.role()
        && one.owner() == other.owner()
        && one.client_id() == other.client_id()
        && one.client_mode() == other.client_mode()
        && one.dialect() == other.dialect()
}

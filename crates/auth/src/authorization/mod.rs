//! Roles and who has them (spec 004, SPEC-NOTES 18): a pure decision that names the rule which made it.
//!
//! It narrows what scopes grant and never widens it. Blocked beats allowed, and whoever has no role may do nothing but what
//! everybody may.

mod decide;
mod permission;
mod rule;
mod who;

use std::collections::BTreeMap;

use openclaw_protocol::{Scope, Scopes};

pub use decide::{Action, Asked, Decision, command_of, decide};
pub use permission::{Permission, UnknownPermission};
pub use rule::Rule;
pub use who::Who;

/// `security.authorization`, and `channels.<name>.permissions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorization {
    /// Whether roles count at all. Rules of channels hold in any case.
    pub enabled: bool,
    /// Roles by name.
    pub roles: BTreeMap<String, Role>,
    /// Users by the name that [`Who`] has.
    pub users: BTreeMap<String, User>,
    /// What single channels allow and forbid.
    pub channels: BTreeMap<String, ChannelRules>,
}

/// What a role may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// What it may do; nothing else.
    pub permissions: Vec<Permission>,
    /// On which channels; `None` on all, and so `*`.
    pub channels: Option<Vec<String>>,
    /// Which commands it may give; `None` all, and so `*`.
    pub commands: Option<Vec<String>>,
}

/// Who has which role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The role.
    pub role: Option<String>,
    /// On which channels; empty means the role's.
    pub channels: Vec<String>,
    /// At most so many messages within so many milliseconds.
    pub messages: Option<(u32, u64)>,
}

/// `channels.<name>.permissions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelRules {
    /// Users that are let in. With [`ChannelRules::allowed_roles`] empty too: everybody.
    pub allowed_users: Vec<String>,
    /// Roles that are let in.
    pub allowed_roles: Vec<String>,
    /// Users that are never let in.
    pub blocked_users: Vec<String>,
    /// Commands that may be given; empty means all.
    pub allowed_commands: Vec<String>,
    /// Commands that may never be given.
    pub blocked_commands: Vec<String>,
}

impl Authorization {
    /// Whether there is any rule to follow.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.enabled && self.channels.is_empty()
    }

    /// The user that somebody is, with the name it has in the configuration.
    #[must_use]
    pub fn user_of(&self, who: &Who<'_>) -> Option<(&str, &User)> {
        let named = who.names().find_map(|name| self.users.get_key_value(name));
        let sender = || {
            let (channel, sender) = who.as_sender()?;
            self.users.get_key_value(sender).filter(|(_, user)| user.channels.iter().any(|known| known == channel))
        };
        named.or_else(sender).map(|(name, user)| (name.as_str(), user))
    }

    /// The role that somebody has, with its name.
    #[must_use]
    pub fn role_of(&self, who: &Who<'_>) -> Option<(&str, &Role)> {
        let name = self.user_of(who)?.1.role.as_deref()?;
        self.roles.get_key_value(name).map(|(name, role)| (name.as_str(), role))
    }

    /// Which events somebody may be told, as scopes; `None` where roles do not narrow it. An event needs `read`, or the scope
    /// that it is about.
    #[must_use]
    pub fn hears(&self, who: &Who<'_>) -> Option<Scopes> {
        if !self.enabled || who.owns() {
            return None;
        }
        let permissions = self.role_of(who).map_or(&[][..], |(_, role)| &role.permissions);
        Some(permissions.iter().filter_map(Permission::scope).collect())
    }
}

impl Permission {
    fn scope(&self) -> Option<Scope> {
        match self {
            Self::All => Some(Scope::Admin),
            Self::Scope(scope) => Some(*scope),
            Self::Family(_) | Self::Method(_) => None,
        }
    }
}

#[cfg(test)]
mod tests;

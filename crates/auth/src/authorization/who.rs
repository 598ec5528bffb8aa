//! Under which names somebody is looked for among the users.

use std::borrow::Cow;

use crate::{Identity, Principal, SHARED_OWNER};

/// Somebody whom rules are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who<'a> {
    owns: bool,
    /// The nearest first.
    names: [Option<Cow<'a, str>>; 3],
    /// Channel and sender, for somebody who writes on one.
    sender: Option<(&'a str, &'a str)>,
}

impl<'a> Who<'a> {
    /// A caller. Names that a caller could make up for itself count only where nothing better vouches for it: the label of a
    /// device, which an owner has approved with it.
    #[must_use]
    pub fn of(principal: &'a Principal) -> Self {
        let owner = Some(principal.owner()).filter(|owner| *owner != SHARED_OWNER);
        let login = principal.user().or(owner).map(Cow::Borrowed);
        let names = match principal.identity() {
            Identity::Device { id } => {
                let label = principal.label().filter(|_| login.is_none()).map(Cow::Borrowed);
                [Some(Cow::Owned(format!("device:{id}"))), login, label]
            }
            Identity::Named { name, .. } => {
                [Some(Cow::Owned(format!("token:{name}"))), Some(Cow::Borrowed(name.as_str())), None]
            }
            Identity::User => [login, None, None],
            Identity::SharedSecret | Identity::LocalCli => [login.or(Some(Cow::Borrowed(SHARED_OWNER))), None, None],
            Identity::Anonymous => [Some(Cow::Borrowed("anonymous")), None, None],
            Identity::Agent { id } => [Some(Cow::Owned(format!("agent:{id}"))), None, None],
            Identity::Hook => [Some(Cow::Borrowed("hook")), None, None],
            Identity::Internal { .. } => [None, None, None],
        };
        Self { owns: principal.owns_the_host(), names, sender: None }
    }

    /// A sender on a channel, found as `<channel>:<sender>`; by its id alone only where a user's own list of channels holds the
    /// channel, because elsewhere somebody could take the name of a login.
    #[must_use]
    pub fn sender(channel: &'a str, sender: &'a str) -> Self {
        let names = [Some(Cow::Owned(format!("{channel}:{sender}"))), None, None];
        Self { owns: false, names, sender: Some((channel, sender)) }
    }

    /// Somebody of whom only the name is known.
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self { owns: false, names: [Some(Cow::Borrowed(name)), None, None], sender: None }
    }

    /// Whether this is whoever holds the gateway's secret on its own host, or the gateway itself: it could change every rule.
    #[must_use]
    pub const fn owns(&self) -> bool {
        self.owns
    }

    /// Channel and id of a sender.
    #[must_use]
    pub const fn as_sender(&self) -> Option<(&'a str, &'a str)> {
        self.sender
    }

    /// The names, the nearest first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().flatten().map(AsRef::as_ref)
    }
}

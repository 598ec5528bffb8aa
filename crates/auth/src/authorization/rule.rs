//! What made a decision, in words that lead to the place in the configuration.

use std::fmt;

/// The rule that decided. It prints as the key it stands under, and what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule<'a> {
    /// Roles are not enforced.
    Off,
    /// Everybody who is let in may do this.
    Everybody,
    /// The owner of the host.
    Owner,
    /// Nobody of `users` is this caller.
    NoUser,
    /// The user has no role.
    NoRole {
        /// Who.
        user: &'a str,
    },
    /// A permission of the role covers it.
    Permission {
        /// The role.
        role: &'a str,
        /// Which of its permissions, from 0.
        at: usize,
    },
    /// No permission of the role covers it.
    NoPermission {
        /// The role.
        role: &'a str,
    },
    /// The user's own list of channels lacks it.
    UserChannels {
        /// Who.
        user: &'a str,
    },
    /// The role's list of channels lacks it.
    RoleChannels {
        /// The role.
        role: &'a str,
    },
    /// The role's list of commands lacks it.
    RoleCommands {
        /// The role.
        role: &'a str,
    },
    /// The channel blocks the user.
    BlockedUser {
        /// The channel.
        channel: &'a str,
    },
    /// The channel lets in others only.
    NotAllowed {
        /// The channel.
        channel: &'a str,
    },
    /// The channel blocks the command.
    BlockedCommand {
        /// The channel.
        channel: &'a str,
    },
    /// The channel allows other commands only.
    OtherCommands {
        /// The channel.
        channel: &'a str,
    },
    /// The role may give the command.
    Command {
        /// The role.
        role: &'a str,
    },
}

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const ROLES: &str = "security.authorization.roles";
        const USERS: &str = "security.authorization.users";
        match self {
            Self::Off => f.write_str("security.authorization.enabled is off"),
            Self::Everybody => f.write_str("everybody who is let in may do this"),
            Self::Owner => f.write_str("the gateway's secret, shown on its own host, may do everything"),
            Self::NoUser => write!(f, "{USERS} has nobody of this name, so there is no role"),
            Self::NoRole { user } => write!(f, "{USERS}.{user} has no role"),
            Self::Permission { role, at } => write!(f, "{ROLES}.{role}.permissions[{at}]"),
            Self::NoPermission { role } => write!(f, "{ROLES}.{role}.permissions does not cover it"),
            Self::UserChannels { user } => write!(f, "{USERS}.{user}.channels does not hold the channel"),
            Self::RoleChannels { role } => write!(f, "{ROLES}.{role}.channels does not hold the channel"),
            Self::RoleCommands { role } => write!(f, "{ROLES}.{role}.commands does not hold the command"),
            Self::BlockedUser { channel } => write!(f, "channels.{channel}.permissions.blockedUsers holds the user"),
            Self::NotAllowed { channel } => {
                write!(f, "channels.{channel}.permissions.allowedUsers and allowedRoles hold neither user nor role")
            }
            Self::BlockedCommand { channel } => {
                write!(f, "channels.{channel}.permissions.commands.blocked holds the command")
            }
            Self::OtherCommands { channel } => {
                write!(f, "channels.{channel}.permissions.commands.allowed does not hold the command")
            }
            Self::Command { role } => write!(f, "{ROLES}.{role}.commands"),
        }
    }
}

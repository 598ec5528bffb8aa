//! The decision.

use openclaw_protocol::Scope;

use super::{Authorization, ChannelRules, Rule, Who, permission::is_of_family};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action<'a> {
    /// What.
    pub asked: Asked<'a>,
    /// On which channel, when it is about one.
    pub channel: Option<&'a str>,
}

/// A method, or a command that somebody gives in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked<'a> {
    /// A method.
    Method {
        /// Its name.
        name: &'a str,
        /// The scope that this call needs; `None` for what everybody may call.
        needs: Option<Scope>,
    },
    /// A command by the word that spec 004 has for it, such as `ask`.
    Command(&'a str),
}

impl<'a> Asked<'a> {
    /// The command that it is, or that the method belongs to.
    #[must_use]
    pub fn command(self) -> Option<&'a str> {
        match self {
            Self::Method { name, needs } => command_of(name, needs),
            Self::Command(command) => Some(command),
        }
    }
}

/// Spec 004's command that a method belongs to. Methods that belong to none are a matter of permissions alone.
#[must_use]
pub fn command_of(method: &str, needs: Option<Scope>) -> Option<&'static str> {
    match method {
        "agent" | "chat.send" | "sessions.send" | "sessions.steer" => Some("ask"),
        "status" | "health" => Some("status"),
        "methods.list" | "methods.describe" | "commands.list" => Some("help"),
        _ if is_of_family(method, "config") => Some("config"),
        _ if needs == Some(Scope::Admin) => Some("admin"),
        _ => None,
    }
}

/// What came of it, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<'a> {
    /// Whether it may happen.
    pub allowed: bool,
    /// The user that it was, by the name in the configuration.
    pub user: Option<&'a str>,
    /// The role that counted.
    pub role: Option<&'a str>,
    /// What decided.
    pub rule: Rule<'a>,
}

/// Decides. Scopes are another matter: they must grant the action as well.
#[must_use]
pub fn decide<'a>(policy: &'a Authorization, who: &Who<'_>, action: &Action<'_>) -> Decision<'a> {
    let (user, role) = (policy.user_of(who), policy.role_of(who));
    let (user_name, role_name) = (user.map(|(name, _)| name), role.map(|(name, _)| name));
    let rule = |allowed, rule| Decision { allowed, user: user_name, role: role_name, rule };
    if who.owns() {
        return rule(true, Rule::Owner);
    }
    if matches!(action.asked, Asked::Method { needs: None, .. }) {
        return rule(true, Rule::Everybody);
    }
    let command = action.asked.command();
    let channel = action.channel.and_then(|channel| policy.channels.get_key_value(channel));
    if let Some((channel, rules)) = channel
        && let Err(refusal) = rules.check(channel, who, user_name, role_name, command)
    {
        return rule(false, refusal);
    }
    if !policy.enabled {
        return rule(true, Rule::Off);
    }
    let Some((user_name, user)) = user else { return rule(false, Rule::NoUser) };
    let Some((role_name, role)) = role else { return rule(false, Rule::NoRole { user: user_name }) };
    if let Some(channel) = action.channel {
        if !user.channels.is_empty() {
            if !holds(&user.channels, channel) {
                return rule(false, Rule::UserChannels { user: user_name });
            }
        } else if !role.channels.as_ref().is_none_or(|channels| holds(channels, channel)) {
            return rule(false, Rule::RoleChannels { role: role_name });
        }
    }
    let may_command = |command| role.commands.as_ref().is_none_or(|commands| holds(commands, command));
    if command.is_some_and(|command| !may_command(command)) {
        return rule(false, Rule::RoleCommands { role: role_name });
    }
    match action.asked {
        Asked::Method { name, needs: Some(needs) } => {
            match role.permissions.iter().position(|permission| permission.covers(name, needs)) {
                Some(at) => rule(true, Rule::Permission { role: role_name, at }),
                None => rule(false, Rule::NoPermission { role: role_name }),
            }
        }
        Asked::Method { needs: None, .. } => rule(true, Rule::Everybody),
        Asked::Command(_) => rule(true, Rule::Command { role: role_name }),
    }
}

impl ChannelRules {
    fn check<'a>(
        &self,
        channel: &'a str,
        who: &Who<'_>,
        user: Option<&str>,
        role: Option<&str>,
        command: Option<&str>,
    ) -> Result<(), Rule<'a>> {
        let is_among = |names: &[String]| {
            let is_sender = |name: &str| who.as_sender().is_some_and(|(_, sender)| sender == name);
            names.iter().any(|name| {
                name == "*" || user == Some(name) || is_sender(name) || who.names().any(|known| known == name)
            })
        };
        if is_among(&self.blocked_users) {
            return Err(Rule::BlockedUser { channel });
        }
        let open = self.allowed_users.is_empty() && self.allowed_roles.is_empty();
        if !open && !is_among(&self.allowed_users) && !role.is_some_and(|role| holds(&self.allowed_roles, role)) {
            return Err(Rule::NotAllowed { channel });
        }
        let Some(command) = command else { return Ok(()) };
        if holds(&self.blocked_commands, command) {
            return Err(Rule::BlockedCommand { channel });
        }
        if !self.allowed_commands.is_empty() && !holds(&self.allowed_commands, command) {
            return Err(Rule::OtherCommands { channel });
        }
        Ok(())
    }
}

fn holds(words: &[String], word: &str) -> bool {
    words.iter().any(|known| known == "*" || known == word)
}

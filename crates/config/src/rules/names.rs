//! Lists of names hold none that looks like another one: whoever reads them believes that somebody else stands there (SECURITY T67).

use openclaw_core::lookalike;

use crate::{Config, Issue, value};

/// Reports names that hide what they are.
pub(super) fn check(config: &Config, issues: &mut Vec<Issue>) {
    let mut look = |path: String, name: &str| {
        if let Some(why) = lookalike(name) {
            issues.push(Issue::new(path, why.to_string()));
        }
    };
    let auth = &config.gateway.auth;
    for (at, name) in auth.trusted_proxy.allow_users.iter().enumerate() {
        look(format!("gateway.auth.trustedProxy.allowUsers[{at}]"), name);
    }
    for name in auth.identity_scopes.keys() {
        look(value::join("gateway.auth.identityScopes", name), name);
    }
    if let Some(authorization) = &config.security.authorization {
        for name in authorization.users.keys() {
            look(value::join("security.authorization.users", name), name);
        }
        for name in authorization.roles.keys() {
            look(value::join("security.authorization.roles", name), name);
        }
    }
    for (id, channel) in &config.channels {
        let place = value::join("channels", id);
        for (list, senders) in [("allowFrom", &channel.allow_from), ("groupAllowFrom", &channel.group_allow_from)] {
            for (at, sender) in senders.iter().enumerate() {
                look(format!("{place}.{list}[{at}]"), &sender.0);
            }
        }
        let rules = &channel.permissions;
        for (list, names) in [
            ("allowedUsers", &rules.allowed_users),
            ("allowedRoles", &rules.allowed_roles),
            ("blockedUsers", &rules.blocked_users),
        ] {
            for (at, name) in names.iter().enumerate() {
                look(format!("{place}.permissions.{list}[{at}]"), name);
            }
        }
    }
}

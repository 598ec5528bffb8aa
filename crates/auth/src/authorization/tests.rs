use openclaw_core::record::Device;
use openclaw_protocol::{Scope, device_payload::PayloadVersion};

use super::*;
use crate::{
    Principal, SHARED_OWNER,
    testing::{self, Knock, Known},
};

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

fn role(permissions: &[&str], channels: &[&str], commands: &[&str]) -> Role {
    Role {
        permissions: permissions.iter().map(|word| word.parse().unwrap()).collect(),
        channels: Some(words(channels)),
        commands: Some(words(commands)),
    }
}

fn user(role: &str, channels: &[&str]) -> User {
    User { role: Some(role.to_owned()), channels: words(channels), messages: None }
}

/// The roles, the user and the channel that spec 004 prints, and a few users more.
fn printed() -> Authorization {
    Authorization {
        enabled: true,
        roles: [
            ("admin", role(&["*"], &["*"], &["*"])),
            ("user", role(&["read", "write"], &["whatsapp", "telegram"], &["help", "status", "ask"])),
            ("readonly", role(&["read"], &["*"], &["help", "status"])),
            (
                "keeper",
                Role { permissions: vec!["config.*".parse().unwrap(), "cron.run".parse().unwrap()], ..Role::default() },
            ),
        ]
        .map(|(name, role)| (name.to_owned(), role))
        .into(),
        users: [
            ("user123", user("user", &["whatsapp"])),
            ("root", user("admin", &[])),
            ("telegram:77", user("user", &[])),
            ("guest", user("readonly", &[])),
            ("keeper", user("keeper", &[])),
            ("nobody", User::default()),
        ]
        .map(|(name, user)| (name.to_owned(), user))
        .into(),
        channels: [(
            "whatsapp".to_owned(),
            ChannelRules {
                allowed_users: words(&["user123", "user456"]),
                allowed_roles: words(&["admin", "user"]),
                blocked_users: words(&["spam_user"]),
                allowed_commands: words(&["help", "status", "ask"]),
                blocked_commands: words(&["config", "admin"]),
            },
        )]
        .into(),
    }
}

fn method(name: &str, needs: Scope) -> Action<'_> {
    Action { asked: Asked::Method { name, needs: Some(needs) }, channel: None }
}

fn command<'a>(command: &'a str, channel: &'a str) -> Action<'a> {
    Action { asked: Asked::Command(command), channel: Some(channel) }
}

fn decided(policy: &Authorization, who: &Who<'_>, action: &Action<'_>) -> String {
    let decision = decide(policy, who, action);
    format!("{}: {}", if decision.allowed { "yes" } else { "no" }, decision.rule)
}

#[test]
fn every_decision_names_the_rule_that_made_it() {
    let policy = printed();
    for (name, action, expected) in [
        ("root", method("config.set", Scope::Admin), "yes: security.authorization.roles.admin.permissions[0]"),
        ("user123", method("chat.send", Scope::Write), "yes: security.authorization.roles.user.permissions[1]"),
        ("user123", method("sessions.list", Scope::Read), "yes: security.authorization.roles.user.permissions[0]"),
        (
            "user123",
            method("exec.approval.resolve", Scope::Approvals),
            "no: security.authorization.roles.user.permissions does not cover it",
        ),
        (
            "user123",
            method("config.get", Scope::Read),
            "no: security.authorization.roles.user.commands does not hold the command",
        ),
        (
            "guest",
            method("chat.send", Scope::Write),
            "no: security.authorization.roles.readonly.commands does not hold the command",
        ),
        ("guest", method("chat.history", Scope::Read), "yes: security.authorization.roles.readonly.permissions[0]"),
        ("keeper", method("config.set", Scope::Admin), "yes: security.authorization.roles.keeper.permissions[0]"),
        ("keeper", method("cron.run", Scope::Write), "yes: security.authorization.roles.keeper.permissions[1]"),
        (
            "keeper",
            method("cron.runs", Scope::Read),
            "no: security.authorization.roles.keeper.permissions does not cover it",
        ),
        (
            "keeper",
            method("configure.x", Scope::Admin),
            "no: security.authorization.roles.keeper.permissions does not cover it",
        ),
        ("nobody", method("chat.history", Scope::Read), "no: security.authorization.users.nobody has no role"),
        (
            "stranger",
            method("chat.history", Scope::Read),
            "no: security.authorization.users has nobody of this name, so there is no role",
        ),
    ] {
        assert_eq!(decided(&policy, &Who::named(name), &action), expected, "{name} {action:?}");
    }
}

#[test]
fn blocked_beats_allowed_on_a_channel() {
    let policy = printed();
    let on = |name, word| decided(&policy, &Who::sender("whatsapp", name), &command(word, "whatsapp"));
    assert_eq!(on("user123", "ask"), "yes: security.authorization.roles.user.commands");
    assert_eq!(on("user123", "config"), "no: channels.whatsapp.permissions.commands.blocked holds the command");
    assert_eq!(on("user123", "other"), "no: channels.whatsapp.permissions.commands.allowed does not hold the command");
    assert_eq!(on("spam_user", "help"), "no: channels.whatsapp.permissions.blockedUsers holds the user");
    assert_eq!(
        on("guest", "help"),
        "no: channels.whatsapp.permissions.allowedUsers and allowedRoles hold neither user nor role"
    );
    let mut both = printed();
    both.channels.get_mut("whatsapp").unwrap().blocked_users = words(&["user123"]);
    let spoken = decide(&both, &Who::named("user123"), &command("ask", "whatsapp"));
    assert_eq!((spoken.allowed, spoken.rule), (false, Rule::BlockedUser { channel: "whatsapp" }));
}

#[test]
fn a_user_of_one_channel_is_nobody_on_another() {
    let policy = printed();
    let on = |who: &Who<'_>, channel| decide(&policy, who, &command("ask", channel)).rule;
    assert_eq!(on(&Who::sender("telegram", "77"), "telegram"), Rule::Command { role: "user" });
    assert_eq!(on(&Who::sender("discord", "77"), "discord"), Rule::NoUser);
    assert_eq!(on(&Who::sender("telegram", "root"), "telegram"), Rule::NoUser, "nobody takes a login's name in a chat");
    assert_eq!(on(&Who::named("user123"), "telegram"), Rule::UserChannels { user: "user123" });
    assert_eq!(on(&Who::sender("telegram", "77"), "discord"), Rule::RoleChannels { role: "user" });
}

#[test]
fn what_a_device_is_called_is_a_name_only_where_no_login_vouches_for_it() {
    let read = &["operator.read"];
    let named = |owner: &str| {
        let device = Device {
            display_name: Some("root".to_owned()),
            owner: owner.to_owned(),
            ..testing::approved(&testing::key(1), read)
        };
        let knock = Knock::cli().scopes(read).signed(&testing::key(1), PayloadVersion::V2);
        let admission = knock.admitted(&testing::policy(), &Known(vec![device]));
        let who = Who::of(&admission.principal);
        let names: Vec<String> = who.names().map(str::to_owned).collect();
        (names, decide(&printed(), &who, &method("sessions.list", Scope::Read)).allowed)
    };
    let id = format!("device:{}", testing::id_of(&testing::key(1)));
    assert_eq!(named(SHARED_OWNER), (vec![id.clone(), "root".to_owned()], true));
    assert_eq!(named("ann@example.com"), (vec![id, "ann@example.com".to_owned()], false));
}

#[test]
fn rules_of_a_channel_hold_without_roles() {
    let policy = Authorization { enabled: false, ..printed() };
    let on = |name, word| decide(&policy, &Who::named(name), &command(word, "whatsapp"));
    assert_eq!(on("spam_user", "ask").rule, Rule::BlockedUser { channel: "whatsapp" });
    assert_eq!(on("user456", "ask").rule, Rule::Off);
    assert_eq!(on("user456", "config").rule, Rule::BlockedCommand { channel: "whatsapp" });
}

#[test]
fn events_follow_the_permissions() {
    let policy = printed();
    let hears = |name| policy.hears(&Who::named(name)).unwrap();
    assert!(hears("root").grants(Scope::Approvals));
    assert!(hears("guest").grants(Scope::Read) && !hears("guest").grants(Scope::Approvals));
    assert!(!hears("keeper").grants(Scope::Read) && !hears("stranger").grants(Scope::Read));
    assert_eq!(Authorization { enabled: false, ..printed() }.hears(&Who::named("root")), None);
}

#[test]
fn words_that_are_no_permission_are_refused() {
    for bad in ["", ".*", "config.**", "a b", "*.set", "config..set", "config.", "ä"] {
        assert!(bad.parse::<Permission>().is_err(), "{bad}");
    }
    for good in ["*", "read", "approvals", "config.*", "exec.approval.*", "chat.send", "agent"] {
        assert_eq!(good.parse::<Permission>().unwrap().word(), good);
    }
    assert_eq!("operator.read".parse(), Ok(Permission::Scope(Scope::Read)));
}

#[test]
fn only_where_neither_roles_nor_channels_rule_is_there_nothing_to_follow() {
    assert!(Authorization::default().is_empty());
    assert!(Authorization { enabled: false, channels: [].into(), ..printed() }.is_empty(), "roles that are off");
    assert!(!Authorization { enabled: false, ..printed() }.is_empty(), "a channel rules");
    assert!(!Authorization { enabled: true, ..Authorization::default() }.is_empty(), "roles rule, and nobody has one");
    assert!(!printed().is_empty());
}

#[test]
fn methods_belong_to_the_commands_of_spec_004() {
    for (method, needs, command) in [
        ("agent", Scope::Write, Some("ask")),
        ("chat.send", Scope::Write, Some("ask")),
        ("sessions.send", Scope::Write, Some("ask")),
        ("sessions.steer", Scope::Write, Some("ask")),
        ("status", Scope::Read, Some("status")),
        ("health", Scope::Read, Some("status")),
        ("methods.list", Scope::Read, Some("help")),
        ("methods.describe", Scope::Read, Some("help")),
        ("commands.list", Scope::Read, Some("help")),
        ("config.get", Scope::Read, Some("config")),
        ("config.set", Scope::Admin, Some("config")),
        ("agents.create", Scope::Admin, Some("admin")),
        ("chat.history", Scope::Read, None),
    ] {
        assert_eq!(command_of(method, Some(needs)), command, "{method}");
    }
    assert_eq!(command_of("chat.history", None), None);
}

#[test]
fn whoever_owns_the_host_is_held_to_no_rule() {
    let cron = Principal::internal("cron", Scopes::NONE);
    let policy = printed();
    let decision = decide(&policy, &Who::of(&cron), &method("config.set", Scope::Admin));
    assert_eq!((decision.allowed, decision.rule), (true, Rule::Owner));
    let hook = Principal::hook();
    assert!(!decide(&policy, &Who::of(&hook), &method("config.set", Scope::Admin)).allowed);
}

#[test]
fn a_list_of_a_channel_may_hold_everybody_and_whoever_is_on_one_needs_no_other() {
    let with = |change: fn(&mut ChannelRules)| {
        let mut policy = printed();
        change(policy.channels.get_mut("whatsapp").unwrap());
        policy
    };
    let on =
        |policy: &Authorization, name| decide(policy, &Who::named(name), &command("help", "whatsapp")).rule.to_string();
    let nobody = with(|rules| rules.blocked_users = words(&["*"]));
    assert!(on(&nobody, "user123").contains("blockedUsers"), "{}", on(&nobody, "user123"));
    let listed = with(|rules| rules.allowed_users = words(&["guest"]));
    assert_eq!(on(&listed, "guest"), "security.authorization.roles.readonly.commands", "its role is on no list");
    let by_role = with(|rules| rules.allowed_users = words(&["somebody"]));
    assert_eq!(on(&by_role, "user123"), "security.authorization.roles.user.commands", "its name is on no list");
    assert!(on(&by_role, "guest").contains("neither user nor role"));
    let only_roles = with(|rules| rules.allowed_users.clear());
    assert!(on(&only_roles, "guest").contains("neither user nor role"), "a list of roles alone is one too");
    let only_users = with(|rules| rules.allowed_roles.clear());
    assert!(on(&only_users, "guest").contains("neither user nor role"), "and so is one of users alone");
}

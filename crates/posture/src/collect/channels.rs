//! Who is heard on chat channels.

use serde_json::Value;

use super::listed;
use crate::{
    Finding, Severity, View,
    catalogue::{found, found_on},
    view::Account,
};

/// Keys under which credentials of channels stand.
const CREDENTIALS: &[&str] =
    &["token", "botToken", "appToken", "signingSecret", "webhookSecret", "tokenFile", "authDir", "account", "password"];
/// Channels on which a sender's stable id is a number, and everything else a name that the sender chose.
const NUMBERED: &[&str] = &["telegram", "discord"];

pub(super) fn collect(view: &View<'_>, findings: &mut Vec<Finding>) {
    let accounts = view.accounts();
    for account in &accounts {
        direct(account, findings);
        groups(view, account, findings);
        names(account, findings);
        credential(view, account, findings);
    }
    shared(view, &accounts, findings);
}

fn direct(account: &Account<'_>, findings: &mut Vec<Finding>) {
    let (channel, path) = (account.channel, &account.path);
    let from = account.list("allowFrom");
    let everybody = from.iter().any(|sender| sender.trim() == "*");
    match account.policy("dmPolicy") {
        Some("open") if everybody => findings.push(found_on(
            "channels.*.dm.open",
            channel,
            Severity::Critical,
            format!("{path}.dmPolicy is open, and allowFrom holds *."),
        )),
        Some("open") => findings.push(found_on(
            "channels.*.dm.open_invalid",
            channel,
            Severity::Warn,
            format!("{path}.dmPolicy is open, and allowFrom does not hold *."),
        )),
        Some("disabled") => findings.push(found_on(
            "channels.*.dm.disabled",
            channel,
            Severity::Info,
            format!("{path}.dmPolicy is disabled."),
        )),
        Some("allowlist") if from.is_empty() => findings.push(found_on(
            "channels.*.dm.locked",
            channel,
            Severity::Info,
            format!("{path}.dmPolicy is allowlist, and allowFrom is empty."),
        )),
        _ => {}
    }
}

fn groups(view: &View<'_>, account: &Account<'_>, findings: &mut Vec<Finding>) {
    let (channel, path) = (account.channel, &account.path);
    let from = account.list("groupAllowFrom");
    let policy = account.policy("groupPolicy");
    if policy == Some("open") {
        let severity = if view.is_on("tools.elevated.enabled") { Severity::Critical } else { Severity::Warn };
        findings.push(found_on(
            "channels.*.groups.open",
            channel,
            severity,
            format!("{path}.groupPolicy is open: whoever adds the bot to a group is answered."),
        ));
    }
    if from.iter().any(|sender| sender.trim() == "*") && policy != Some("disabled") {
        findings.push(found_on(
            "channels.*.groups.allowFrom.wildcard",
            channel,
            Severity::Warn,
            format!("{path}.groupAllowFrom holds *."),
        ));
    }
    let listed_groups = account.value("groups").and_then(Value::as_object);
    let count = listed_groups.map_or(0, serde_json::Map::len);
    if policy == Some("allowlist") && count > 0 && from.is_empty() && account.list("allowFrom").is_empty() {
        findings.push(found_on(
            "channels.*.groups.allowFrom.missing",
            channel,
            Severity::Warn,
            format!("{path}.groups lists {count}, and neither groupAllowFrom nor allowFrom lists anybody."),
        ));
    }
    let guilds = account.value("guilds").and_then(Value::as_object);
    let broad: Vec<String> = guilds
        .into_iter()
        .flatten()
        .filter(|(_, guild)| !limited(guild))
        .map(|(id, _)| format!("{path}.guilds.{id}"))
        .collect();
    if policy != Some("disabled") && !broad.is_empty() {
        findings.push(found_on(
            "channels.*.allowlisted_groups.broad_members",
            channel,
            Severity::Warn,
            listed("Neither users nor roles are listed for:", &broad),
        ));
    }
}

/// Whether a group, or each part of it that is listed, says who is heard.
fn limited(group: &Value) -> bool {
    let says = |part: &Value| {
        ["users", "roles"]
            .iter()
            .any(|key| part.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty()))
    };
    let parts = group.get("channels").and_then(Value::as_object);
    says(group) || parts.is_some_and(|parts| !parts.is_empty() && parts.values().all(says))
}

fn names(account: &Account<'_>, findings: &mut Vec<Finding>) {
    let (channel, path) = (account.channel, &account.path);
    let is_name = |sender: &String| {
        let sender = sender.trim();
        let numbered =
            NUMBERED.contains(&channel) && !sender.trim_start_matches('-').chars().all(|c| c.is_ascii_digit());
        sender != "*" && !sender.contains(':') && (sender.starts_with('@') || sender.contains(' ') || numbered)
    };
    let count = |key: &str| account.list(key).iter().filter(|sender| is_name(sender)).count();
    let places: Vec<String> = ["allowFrom", "groupAllowFrom"]
        .into_iter()
        .filter_map(|key| match count(key) {
            0 => None,
            1 => Some(format!("{path}.{key}: one entry")),
            many => Some(format!("{path}.{key}: {many} entries")),
        })
        .collect();
    if account.value("dangerouslyAllowNameMatching") == Some(&Value::Bool(true)) {
        findings.push(found_on(
            "channels.*.allowFrom.dangerous_name_matching_enabled",
            channel,
            Severity::Info,
            listed(&format!("{path}.dangerouslyAllowNameMatching is true."), &places),
        ));
    } else if !places.is_empty() {
        findings.push(found_on(
            "channels.*.allowFrom.mutable_entries_inert",
            channel,
            Severity::Warn,
            listed("Names instead of ids:", &places),
        ));
    }
}

fn credential(view: &View<'_>, account: &Account<'_>, findings: &mut Vec<Finding>) {
    let on = account.own.get("enabled") == Some(&Value::Bool(true));
    let accounts = account.own.get("accounts").and_then(Value::as_object).is_some_and(|accounts| !accounts.is_empty());
    let has = CREDENTIALS.iter().any(|key| account.value(key).is_some_and(|value| !value.is_null()));
    // What is paired by showing a code keeps its credential in the state directory.
    let paired = account.channel == "whatsapp";
    if on && !has && !accounts && !paired {
        let from =
            if view.text("gateway.mode") == Some("remote") { " The gateway that runs it is elsewhere." } else { "" };
        findings.push(found_on(
            "channels.*.account.read_only_resolution",
            account.channel,
            Severity::Warn,
            format!("{} is enabled without a credential.{from}", account.path),
        ));
    }
}

/// Several people in one session.
fn shared(view: &View<'_>, accounts: &[Account<'_>], findings: &mut Vec<Finding>) {
    if !matches!(view.text("session.dmScope"), None | Some("main")) {
        return;
    }
    let mut channels: Vec<&str> = accounts.iter().map(|account| account.channel).collect();
    channels.dedup();
    for channel in channels {
        let mut senders: Vec<String> = accounts
            .iter()
            .filter(|account| account.channel == channel && account.policy("dmPolicy") != Some("disabled"))
            .flat_map(|account| account.list("allowFrom"))
            .collect();
        senders.sort();
        senders.dedup();
        let everybody = senders.iter().any(|sender| sender.trim() == "*");
        if senders.len() >= 2 || everybody {
            let who = if everybody { "Everybody".to_owned() } else { format!("{} senders", senders.len()) };
            findings.push(found(&format!("channels.dm.session_collision.{channel}"), Severity::Warn, format!("{who} on {channel} share the agent's main session (session.dmScope main), and read each other's answers.")));
        }
    }
}

//! Other names of keys and values, and keys of other implementations. Each section below is a table; the code after it applies it.

use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::{Bind, Issue, Notice, NoticeKind, include, value};

/// Other names: where somebody may write it, and the canonical place. Applied in order, so that a row may finish what one above began.
pub(crate) const RENAMED: &[(&str, &str)] = &[
    // Spec 001 prints these three without their parents.
    ("audit", "logging.audit"),
    ("allowedOrigins", "gateway.controlUi.allowedOrigins"),
    ("deviceAuth", "gateway.auth.deviceAuth"),
    ("logging.audit.logFile", "logging.audit.file"),
    ("gateway.auth.deviceAuth.tokenTtl", "gateway.auth.deviceAuth.tokenTTL"),
    ("gateway.token", "gateway.auth.token"),
    ("gateway.password", "gateway.auth.password"),
    ("gateway.tokenConfig", "gateway.auth.tokenConfig"),
    ("gateway.tls.cert", "gateway.tls.certPath"),
    ("gateway.tls.certFile", "gateway.tls.certPath"),
    ("gateway.tls.key", "gateway.tls.keyPath"),
    ("gateway.tls.keyFile", "gateway.tls.keyPath"),
    ("gateway.tls.ca", "gateway.tls.caPath"),
    ("gateway.tls.caFile", "gateway.tls.caPath"),
    ("gateway.metrics", "metrics"),
    ("gateway.nodes.commands.allow", "gateway.nodes.allowCommands"),
    ("gateway.nodes.commands.deny", "gateway.nodes.denyCommands"),
];

/// Keys of other implementations' configuration that are not used here. They warn, so that a file can be shared.
pub(crate) const FOREIGN: &[&str] = &[
    "$schema",
    "accessGroups",
    "acp",
    "approvals",
    "audio",
    "auth",
    "bindings",
    "broadcast",
    "browser",
    "canvas",
    "canvasHost",
    "cli",
    "commands",
    "cron.failureAlert",
    "cron.failureDestination",
    "cron.retry",
    "cron.runLog",
    "cron.sessionRetention",
    "cron.store",
    "cron.triggers",
    "cron.webhook",
    "cron.webhookSsrfPolicy",
    "cron.webhookToken",
    "diagnostics",
    "discovery",
    "env",
    "mcp",
    "media",
    "memory",
    "messages",
    "nodeHost",
    "plugins",
    "proxy",
    "secrets",
    "surfaces",
    "talk",
    "ui",
    "update",
    "web",
    "wizard",
    "hooks.gmail",
    "hooks.internal",
    "hooks.mappings[].channel",
    "hooks.mappings[].deliver",
    "hooks.mappings[].to",
    "hooks.presets",
    "hooks.transformsDir",
    "meta.lastTouchedBy",
    "gateway.channelHealthCheckMinutes",
    "gateway.channelMaxRestartsPerHour",
    "gateway.channelStaleEventThresholdMinutes",
    "gateway.controlUi.basePath",
    "gateway.controlUi.dangerouslyAllowHostHeaderOriginFallback",
    "gateway.controlUi.dangerouslyDisableDeviceAuth",
    "gateway.http.endpoints.chatCompletions.images",
    "gateway.http.endpoints.chatCompletions.maxBodyBytes",
    "gateway.http.endpoints.chatCompletions.maxImageParts",
    "gateway.http.endpoints.chatCompletions.maxTotalImageBytes",
    "gateway.http.endpoints.responses.files",
    "gateway.http.endpoints.responses.images",
    "gateway.http.endpoints.responses.maxBodyBytes",
    "gateway.http.endpoints.responses.maxUrlParts",
    "gateway.nodes.browser",
    "gateway.nodes.pairing",
    "gateway.nodes.pluginTools",
    "gateway.push",
    "gateway.reload",
    "gateway.remote.sshIdentity",
    "gateway.remote.sshTarget",
    "gateway.remote.tlsFingerprint",
    "gateway.remote.transport",
    "gateway.tools",
    "gateway.webchat",
    "agents.defaults.blockStreamingBreak",
    "agents.defaults.blockStreamingChunk",
    "agents.defaults.blockStreamingDefault",
    "agents.defaults.bootstrapMaxChars",
    "agents.defaults.cliBackends",
    "agents.defaults.compaction",
    "agents.defaults.contextPruning",
    "agents.defaults.contextTokens",
    "agents.defaults.elevatedDefault",
    "agents.defaults.humanDelay",
    "agents.defaults.heartbeat.agentId",
    "agents.defaults.heartbeat.session",
    "agents.defaults.heartbeat.suppressToolErrorWarnings",
    "agents.list[].heartbeat.agentId",
    "agents.list[].heartbeat.session",
    "agents.list[].heartbeat.suppressToolErrorWarnings",
    "agents.defaults.imageModel",
    "agents.defaults.mediaMaxMb",
    "agents.defaults.memorySearch",
    "agents.defaults.skipBootstrap",
    "agents.defaults.subagents",
    "agents.defaults.typingIntervalSeconds",
    "agents.defaults.typingMode",
    "agents.defaults.userTimezone",
    "agents.defaults.verboseDefault",
    "agents.list[].agentDir",
    "agents.list[].groupChat",
    "agents.list[].humanDelay",
    "agents.list[].memorySearch",
    "agents.list[].skills",
    "agents.list[].subagents",
    "logging.consoleLevel",
    "logging.consoleStyle",
    "logging.redactPatterns",
    "models.bedrockDiscovery",
    "models.mode",
    "session.agentToAgent",
    "session.groupScope",
    "session.idleMinutes",
    "session.maintenance",
    "session.reset",
    "session.resetByChannel",
    "session.resetByType",
    "session.resetTriggers",
    "session.scope",
    "session.sendPolicy",
    "session.store",
    "session.threadBindings",
    "session.typingIntervalSeconds",
    "session.typingMode",
    "skills.allowBundled",
    "skills.install",
    "skills.limits",
    "skills.load.allowSymlinkTargets",
    "skills.load.watch",
    "skills.load.watchDebounceMs",
    "skills.workshop",
    "tools.codeMode",
    "tools.links",
    "tools.loopDetection",
    "tools.media",
    "tools.message",
    "tools.sessions",
    "tools.exec.backgroundMs",
    "tools.exec.cleanupMs",
    "tools.exec.notifyOnExit",
    "tools.exec.pathPrepend",
    "tools.exec.timeoutSec",
];

/// The bind that a word or a raw address means, and the address when it is a custom one.
#[must_use]
pub(crate) fn bind(word: &str) -> Option<(Bind, Option<IpAddr>)> {
    if let Some(bind) = Bind::from_word(word) {
        return Some((bind, None));
    }
    match word {
        "localhost" => return Some((Bind::Loopback, None)),
        "all" | "any" | "*" => return Some((Bind::Lan, None)),
        _ => {}
    }
    let address: IpAddr = word.parse().ok()?;
    let loopback = address.is_loopback() && ["127.0.0.1", "::1"].contains(&word);
    Some(match (loopback, address.is_unspecified()) {
        (true, _) => (Bind::Loopback, None),
        (_, true) => (Bind::Lan, None),
        _ => (Bind::Custom, Some(address)),
    })
}

/// What was renamed: the path as written and the canonical one.
pub(crate) type Renames = Vec<(String, String)>;

/// Moves every value to its canonical place and takes foreign keys out.
pub(crate) fn apply(document: &mut Value, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) -> Renames {
    refuse_includes(document, "", issues);
    let mut renames = Renames::new();
    for (from, to) in RENAMED {
        // Only an object can go where an object belongs, so a wrong kind stays and is reported where it was written.
        let Some(found) = value::take(document, from) else { continue };
        let written = renames
            .iter()
            .find_map(|(old, new): &(String, String)| under(from, new).map(|rest| format!("{old}{rest}")));
        let written = written.unwrap_or_else(|| (*from).to_owned());
        let mut notice = Notice::new(written.clone(), NoticeKind::Renamed, format!("works as `{to}`; write that name"));
        notice.canonical = Some((*to).to_owned());
        notices.push(notice);
        merge(document, to, found, &written, issues);
        renames.push((written, (*to).to_owned()));
    }
    map_bind(document, issues, notices);
    for pattern in FOREIGN {
        for path in take_all(document, pattern) {
            notices.push(Notice::new(
                path,
                NoticeKind::Foreign,
                "belongs to another implementation and is not used here",
            ));
        }
    }
    renames
}

/// The path as it was written in the file.
pub(crate) fn as_written(path: &str, renames: &Renames) -> Option<String> {
    renames.iter().rev().find_map(|(from, to)| under(path, to).map(|rest| format!("{from}{rest}")))
}

/// What follows `parent` in `path`, when `path` is it or inside it.
pub(crate) fn under<'a>(path: &'a str, parent: &str) -> Option<&'a str> {
    path.strip_prefix(parent).filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn merge(document: &mut Value, to: &str, found: Value, written: &str, issues: &mut Vec<Issue>) {
    match (value::get(document, to).cloned(), found) {
        (None, found) => {
            if value::put(document, to, found).is_err() {
                issues.push(Issue::new(
                    written,
                    format!("cannot be put at `{to}`, because a part of that path is not an object"),
                ));
            }
        }
        (Some(there), found) if there == found => {}
        (Some(Value::Object(there)), Value::Object(found)) => {
            let mut both = there;
            for (key, value) in found {
                if both.get(&key).is_some_and(|there| *there != value) {
                    issues.push(Issue::new(
                        value::join(written, &key),
                        format!("differs from `{to}.{key}`, which means the same; keep one of them"),
                    ));
                } else {
                    both.insert(key, value);
                }
            }
            if value::put(document, to, Value::Object(both)).is_err() {
                issues.push(Issue::new(written, format!("cannot be put at `{to}`")));
            }
        }
        (Some(_), _) => {
            issues.push(Issue::new(written, format!("differs from `{to}`, which means the same; keep one of them")));
        }
    }
}

fn map_bind(document: &mut Value, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    let Some(word) = value::get(document, "gateway.bind").and_then(Value::as_str).map(str::to_owned) else { return };
    if Bind::from_word(&word).is_some() {
        return;
    }
    let Some((bind, address)) = bind(&word) else { return };
    let canonical = bind.word();
    let mut message = format!("means `{canonical}`; write that word");
    if let Some(address) = address {
        message = format!("means `{canonical}` with `gateway.customBindHost: \"{address}\"`; write those two");
        merge(document, "gateway.customBindHost", json!(address.to_string()), "gateway.bind", issues);
    }
    let mut notice = Notice::new("gateway.bind", NoticeKind::Renamed, message);
    notice.canonical = Some(canonical.to_owned());
    notices.push(notice);
    // The path exists, because the word was read from it.
    let _ = value::put(document, "gateway.bind", json!(canonical));
}

fn take_all(document: &mut Value, pattern: &str) -> Vec<String> {
    let Some((list, key)) = pattern.split_once("[].") else {
        return value::take(document, pattern).map(|_| pattern.to_owned()).into_iter().collect();
    };
    let mut taken = Vec::new();
    let pointer = format!("/{}", list.replace('.', "/"));
    for (index, item) in document.pointer_mut(&pointer).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
    {
        if item.as_object_mut().and_then(|object: &mut Map<String, Value>| object.remove(key)).is_some() {
            taken.push(format!("{}.{key}", value::item(list, index)));
        }
    }
    taken
}

fn refuse_includes(value: &mut Value, path: &str, issues: &mut Vec<Issue>) {
    match value {
        Value::Object(object) => {
            if object.remove(include::KEY).is_some() {
                issues.push(Issue::new(
                    value::join(path, include::KEY),
                    "this text has no folder to include files from; put their content here",
                ));
            }
            for (key, inner) in object {
                refuse_includes(inner, &value::join(path, key), issues);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter_mut().enumerate() {
                refuse_includes(inner, &value::item(path, index), issues);
            }
        }
        _ => {}
    }
}

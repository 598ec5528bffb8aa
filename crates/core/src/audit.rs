//! Names of audit events: as records carry them, as the audit file shows them, and as people may ask for them.

/// Names of records that mean what a name of the specifications means. The file shows the second.
const SHOWN_AS: &[(&str, &str)] = &[
    ("hook.refused", "hook.denied"),
    ("run.accepted", "message.received"),
    ("chat.injected", "message.received"),
    ("run.final", "message.sent"),
    ("run.error", "error.internal"),
    ("node.approved", "node.paired"),
    ("node.removed", "node.revoked"),
    ("cron.added", "cron.changed"),
    ("cron.updated", "cron.changed"),
    ("cron.removed", "cron.changed"),
    ("approval.expired", "approval.resolved"),
    ("approval.cancelled", "approval.resolved"),
    ("file.deleted", "file.written"),
];

/// Words that stand for several names: those of specification 004, and names that cover more than one record.
const GROUPS: &[(&str, &[&str])] = &[
    ("authentication", &["auth.*", "login.*", "device.*", "pairing.*", "passkey.*"]),
    ("authentication_failure", &["auth.failure", "auth.rate_limited"]),
    ("authorization", &["authz.*", "origin.denied", "proxy.untrusted", "approval.*", "exec.denied", "hook.denied"]),
    ("authorization_denied", &["authz.denied"]),
    ("config_changes", &["config.*", "exec.policy.changed"]),
    ("message_send", &["message.sent", "message.acted"]),
    ("message_receive", &["message.received"]),
    ("agent_execution", &["run.*", "exec.*", "spawn.*", "agent.*"]),
    ("file_access", &["file.*"]),
    (
        "errors",
        &[
            "error.internal",
            "config.rejected",
            "log.chain_broken",
            "run.interrupted",
            "gateway.recovered",
            "tls.certificate.failed",
        ],
    ),
    ("sandbox_escape", &["sandbox.violation"]),
    (
        "suspicious_activity",
        &[
            "suspicious_activity",
            "origin.denied",
            "proxy.untrusted",
            "log.chain_broken",
            "node.result.foreign",
            "passkey.cloned",
        ],
    ),
    ("rate_limit_exceeded", &["auth.rate_limited", "rate.limited"]),
    ("device.registered", &["device.registered", "device.approved"]),
];

/// Every name that a record carries or will carry as its part arrives.
const NAMES: &[&str] = &[
    "agent.token.created",
    "agent.token.revoked",
    "agent.token.rotated",
    "agent.woken",
    "agents.numbered",
    "alert.failed",
    "alert.sent",
    "approval.cancelled",
    "approval.expired",
    "approval.grant.revoked",
    "approval.misused",
    "approval.redeemed",
    "approval.requested",
    "approval.resolved",
    "audit.completed",
    "auth.failure",
    "auth.rate_limited",
    "auth.success",
    "auth.token.created",
    "auth.token.refreshed",
    "auth.token.revoked",
    "auth.token.rotated",
    "authz.denied",
    "backup.created",
    "backup.failed",
    "channel.logged_in",
    "chat.injected",
    "config.changed",
    "config.rejected",
    "cron.added",
    "cron.changed",
    "cron.claimed",
    "cron.finished",
    "cron.removed",
    "cron.replanned",
    "cron.run",
    "cron.started",
    "cron.updated",
    "device.approved",
    "device.registered",
    "device.rejected",
    "device.revoked",
    "device.scope_upgrade_requested",
    "device.setup_code.issued",
    "device.setup_code.withdrawn",
    "error.internal",
    "exec.allowed",
    "exec.denied",
    "exec.policy.changed",
    "exec.started",
    "file.deleted",
    "file.read",
    "file.written",
    "gateway.added",
    "gateway.called",
    "gateway.recovered",
    "gateway.removed",
    "gateway.started",
    "gateway.stopped",
    "gateway.tested",
    "gateway.updated",
    "heartbeats.set",
    "hook.denied",
    "hook.refused",
    "keys.due",
    "keys.rewrapped",
    "log.chain_broken",
    "login.link_issued",
    "message.acted",
    "message.received",
    "message.sent",
    "models.probed",
    "node.announced",
    "node.approved",
    "node.command_widened",
    "node.connected",
    "node.exec",
    "node.invoked",
    "node.paired",
    "node.rejected",
    "node.removed",
    "node.renamed",
    "node.result.foreign",
    "node.revoked",
    "node.seen",
    "node.work.done",
    "node.work.queued",
    "node.work.taken",
    "origin.denied",
    "pairing.approved",
    "pairing.requested",
    "passkey.cloned",
    "passkey.registered",
    "passkey.removed",
    "passkey.renamed",
    "passkey.used",
    "proxy.untrusted",
    "question.requested",
    "question.resolved",
    "rate.limited",
    "run.aborted",
    "run.accepted",
    "run.collected",
    "run.dropped",
    "run.error",
    "run.final",
    "run.interrupted",
    "run.started",
    "sandbox.violation",
    "security.lockdown",
    "security.lockdown.undone",
    "session.compacted",
    "session.created",
    "session.deleted",
    "session.patched",
    "session.reset",
    "sessions.groups",
    "skill.installed",
    "spawn.denied",
    "spawn.exited",
    "spawn.kill",
    "spawn.reaped",
    "spawn.requested",
    "spawn.started",
    "suspicious_activity",
    "system.event",
    "tls.certificate.failed",
    "tls.certificate.obtained",
    "user.preferences",
];

/// The name that the file and reports show for a record's.
#[must_use]
pub fn shown(recorded: &str) -> &str {
    SHOWN_AS.iter().find(|(name, _)| *name == recorded).map_or(recorded, |(_, shown)| shown)
}

/// Everything that may be asked for by name, without the families (`auth.*`).
pub fn words() -> impl Iterator<Item = &'static str> {
    GROUPS.iter().map(|(word, _)| *word).chain(NAMES.iter().copied())
}

/// Which events; nothing said means all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection(Vec<String>);

/// A name that no event has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no audit event is called {0:?}")]
pub struct UnknownEvent(pub String);

impl Selection {
    /// The events with these names: a record's, one of a specification, or a family such as `auth.*`.
    ///
    /// # Errors
    /// The first name that no event has.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownEvent> {
        let mut patterns = Vec::new();
        for name in names {
            let family = name.strip_suffix('*').filter(|family| family.ends_with('.'));
            if let Some((_, group)) = GROUPS.iter().find(|(word, _)| *word == name) {
                patterns.extend(group.iter().map(|pattern| (*pattern).to_owned()));
            } else if NAMES.contains(&name)
                || family.is_some_and(|family| NAMES.iter().any(|known| known.starts_with(family)))
            {
                patterns.push(name.to_owned());
            } else {
                return Err(UnknownEvent(name.to_owned()));
            }
        }
        Ok(Self(patterns))
    }

    /// Whether a record with this name is meant.
    #[must_use]
    pub fn takes(&self, recorded: &str) -> bool {
        let shown = shown(recorded);
        let fits = |pattern: &str, name: &str| match pattern.strip_suffix('*') {
            Some(family) => name.starts_with(family),
            None => pattern == name,
        };
        self.0.is_empty() || self.0.iter().any(|pattern| fits(pattern, recorded) || fits(pattern, shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_both_specifications_select_what_they_say() {
        let takes = |word: &str, recorded: &str| Selection::parse([word]).unwrap().takes(recorded);
        assert!(takes("authentication", "auth.success") && takes("authentication", "device.approved"));
        assert!(takes("authentication_failure", "auth.failure") && !takes("authentication_failure", "auth.success"));
        assert!(takes("authorization_denied", "authz.denied") && takes("rate_limit_exceeded", "auth.rate_limited"));
        assert!(takes("message_receive", "run.accepted") && takes("message_send", "run.final"));
        assert!(takes("device.registered", "device.approved") && takes("config_changes", "config.changed"));
        assert!(takes("suspicious_activity", "origin.denied") && takes("auth.*", "auth.token.rotated"));
        assert!(!takes("auth.*", "authz.denied"));
        assert!(Selection::default().takes("anything.at_all"), "nothing said means all");
    }

    /// Names that code gives to records, in the ways in which records are made.
    fn written(source: &str, names: &mut Vec<String>) {
        for way in ["audit(", "event: ", "Audit::Change("] {
            for (at, _) in source.match_indices(way) {
                let Some(rest) = source[at + way.len()..].trim_start().strip_prefix('"') else { continue };
                let name = rest.split('"').next().unwrap_or_default();
                let after = &rest[name.len()..];
                if way == "event: " && !after.starts_with("\".to_owned()") && !after.starts_with("\".into()") {
                    continue;
                }
                names.push(name.to_owned());
            }
        }
    }

    fn sources(folder: &std::path::Path, names: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, names);
            } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                written(text.split("#[cfg(test)]").next().unwrap_or_default(), names);
            }
        }
    }

    #[test]
    fn every_name_that_the_code_writes_may_be_asked_for() {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut names = Vec::new();
        for part in ["gateway", "store", "cli"] {
            sources(&crates.join(part).join("src"), &mut names);
        }
        assert!(names.len() > 50, "{names:?}");
        let unknown: Vec<&String> = names.iter().filter(|name| !NAMES.contains(&name.as_str())).collect();
        assert!(unknown.is_empty(), "not in NAMES: {unknown:?}");
    }

    #[test]
    fn a_name_that_no_event_has_is_told() {
        assert_eq!(Selection::parse(["auth.success", "auth.sucess"]), Err(UnknownEvent("auth.sucess".to_owned())));
        for bad in ["", "*", "nothing.*", "auth*"] {
            assert!(Selection::parse([bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_group_and_every_shown_name_is_one_of_the_names() {
        for pattern in GROUPS.iter().flat_map(|(_, patterns)| *patterns) {
            assert!(Selection::parse([*pattern]).is_ok(), "{pattern}");
        }
        for (recorded, shown) in SHOWN_AS {
            assert!(NAMES.contains(recorded) && NAMES.contains(shown), "{recorded} {shown}");
        }
    }
}

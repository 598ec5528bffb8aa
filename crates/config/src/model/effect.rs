//! When a changed key takes effect.

use serde::Serialize;

/// When a changed key takes effect in a gateway that is running. No connection is dropped for any of them, except those whose
/// own credential was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// At once, for all new work: the next turn, the next request, the next log line.
    Hot,
    /// For connections made from then on, because it decides who is let in or is told to the client in its hello. Those that are
    /// there keep what they were told.
    Reconnect,
    /// With the next start, because it is claimed or opened once: addresses, ports, certificates, files.
    Restart,
}

/// The effect of each part of the configuration; the longest row that fits decides. `*` is any key, `[]` any item.
///
/// A key under no row would take effect with the next start; a test demands a row for each.
const EFFECTS: &[(&str, Effect)] = &[
    ("meta", Effect::Hot),
    ("gateway.mode", Effect::Restart),
    ("gateway.port", Effect::Restart),
    ("gateway.bind", Effect::Restart),
    ("gateway.customBindHost", Effect::Restart),
    ("gateway.tls", Effect::Restart),
    ("gateway.tailscale", Effect::Restart),
    ("gateway.auth", Effect::Reconnect),
    ("gateway.auth.token", Effect::Hot),
    ("gateway.auth.password", Effect::Hot),
    ("gateway.auth.rateLimit", Effect::Hot),
    ("gateway.controlUi", Effect::Reconnect),
    ("gateway.controlUi.enabled", Effect::Hot),
    ("gateway.controlUi.root", Effect::Hot),
    ("gateway.http", Effect::Hot),
    ("gateway.trustedProxies", Effect::Reconnect),
    // Read by commands that are clients, each time anew.
    ("gateway.remote", Effect::Hot),
    ("gateway.handshakeTimeoutMs", Effect::Reconnect),
    ("gateway.limits", Effect::Reconnect),
    // Taken over with the next connection.
    ("gateway.nodes", Effect::Hot),
    ("gateway.resume", Effect::Reconnect),
    ("gateway.limits.inFlightPerConnection", Effect::Hot),
    ("gateway.limits.slowConsumerMs", Effect::Hot),
    ("gateway.limits.closeTimeoutMs", Effect::Hot),
    ("gateway.limits.idleTimeoutMs", Effect::Hot),
    ("gateway.tickIntervalMs", Effect::Reconnect),
    ("gateway.pingIntervalMs", Effect::Hot),
    ("gateway.compat", Effect::Reconnect),
    ("metrics", Effect::Restart),
    ("logging", Effect::Restart),
    ("logging.level", Effect::Hot),
    ("logging.format", Effect::Hot),
    ("logging.redactSensitive", Effect::Hot),
    ("agents", Effect::Hot),
    ("models", Effect::Hot),
    ("session", Effect::Hot),
    ("cron", Effect::Hot),
    ("cron.timezone", Effect::Restart),
    ("spawn", Effect::Hot),
    ("skills", Effect::Hot),
    ("hooks", Effect::Hot),
    ("security", Effect::Hot),
    ("security.encryption", Effect::Restart),
    // Read at each write.
    ("security.encryption.config", Effect::Hot),
    ("security.storage", Effect::Restart),
    ("security.storage.configPermissions", Effect::Hot),
    ("security.storage.backupPath", Effect::Hot),
    ("security.storage.backupEncryption", Effect::Hot),
    ("security.storage.backupRetention", Effect::Hot),
    ("tools", Effect::Hot),
    ("channels", Effect::Hot),
];

/// The effect of a canonical path, such as `gateway.port` or `agents.list[0].model`.
pub(crate) fn effect(path: &str) -> Effect {
    row(path).map_or(Effect::Restart, |(_, effect)| *effect)
}

fn row(path: &str) -> Option<&'static (&'static str, Effect)> {
    let fits =
        |pattern: &str| path.strip_prefix(pattern).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    EFFECTS.iter().filter(|(pattern, _)| fits(pattern)).max_by_key(|(pattern, _)| pattern.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{self, Node, visit_keys};

    #[test]
    fn every_key_has_a_verdict_and_every_row_a_key() {
        let schema = schema::schema().to_value();
        let mut unused: Vec<&str> = EFFECTS.iter().map(|(pattern, _)| *pattern).collect();
        let mut keys = 0;
        visit_keys(Node::new(&schema), "", &mut |path, _| {
            keys += 1;
            let row = row(path);
            // A section may be split up; its leaves may not be forgotten.
            assert!(row.is_some() || path == "gateway", "no row decides when `{path}` takes effect");
            unused.retain(|pattern| *pattern != path);
        });
        assert!(keys > 200, "{keys}");
        assert_eq!(unused, [""; 0], "rows that name no key");
    }

    #[test]
    fn the_longest_row_decides() {
        assert_eq!(effect("gateway.auth.token"), Effect::Hot);
        assert_eq!(effect("gateway.auth.tokenConfig.maxTokens"), Effect::Reconnect);
        assert_eq!(effect("agents.list[3].model"), Effect::Hot);
        assert_eq!(effect("unheard.of"), Effect::Restart);
    }
}

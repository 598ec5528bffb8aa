//! What must hold between the keys that protect what is kept: encryption, rotation of keys, backups.

use std::time::Duration;

use crate::{Config, Issue, KeyDerivation, Notice, NoticeKind};

/// The shortest time between two rotations: each costs a derivation, and telling of keys more often helps nobody.
const SHORTEST_ROTATION: Duration = Duration::from_secs(60 * 60);

pub(super) fn check(config: &Config, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    let security = &config.security;
    if let Some(rotation) = security.key_rotation.as_ref().filter(|rotation| rotation.enabled) {
        let interval = rotation.interval.map(crate::Period::duration);
        if interval.is_some_and(|interval| interval < SHORTEST_ROTATION) {
            issues.push(Issue::new("security.keyRotation.interval", "is shorter than an hour"));
        }
        let notice = rotation.notify_before.map(crate::Period::duration);
        let month = Duration::from_secs(30 * 24 * 60 * 60);
        if notice.is_some_and(|notice| notice >= interval.unwrap_or(month)) {
            let advice = "is not shorter than the interval, so that every key would always be due";
            issues.push(Issue::new("security.keyRotation.notifyBefore", advice));
        }
    }
    if let Some(encryption) = &security.encryption {
        let database = &encryption.database;
        if database.iterations.is_some() && database.key_derivation != KeyDerivation::Pbkdf2 {
            notices.push(Notice::new(
                "security.encryption.database.iterations",
                NoticeKind::Inert,
                "counts with `keyDerivation: \"PBKDF2\"` alone",
            ));
        }
        if database.key_derivation == KeyDerivation::Pbkdf2
            && database.iterations.is_some_and(|rounds| rounds < openclaw_seal::Derivation::ITERATIONS)
        {
            notices.push(Notice::new(
                "security.encryption.database.iterations",
                NoticeKind::Weak,
                "is less than the 600000 rounds that protect a passphrase today; a key file or keys/master.key needs none",
            ));
        }
    }
    if let Some(storage) = &security.storage {
        let path = storage.backup_path.as_deref();
        if path.is_some_and(|path| path.trim().is_empty()) {
            issues.push(Issue::new("security.storage.backupPath", "is not the path of a folder"));
        }
        if path.is_none() && storage.backup_retention.is_some() {
            let advice = "says how long daily backups stay, which are made when `security.storage.backupPath` is set";
            issues.push(Issue::new("security.storage.backupRetention", advice));
        }
        if path.is_some() && storage.backup_encryption != Some(true) {
            let warning = "backups hold conversations and the configuration's secrets in the open, and without audit.key and keys/ \
                           they start nowhere else; keep copies of both, or set backupEncryption";
            notices.push(Notice::new("security.storage.backupEncryption", NoticeKind::Weak, warning));
        }
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::Environment;

    use crate::{Format, NoticeKind, parse_str};

    #[test]
    fn what_cannot_hold_together_is_refused_where_it_stands() {
        for (text, path) in [
            ("keyRotation: { enabled: true, interval: '5m' }", "security.keyRotation.interval"),
            ("keyRotation: { enabled: true, interval: '7d', notifyBefore: '7d' }", "security.keyRotation.notifyBefore"),
            ("keyRotation: { enabled: true, notifyBefore: '40d' }", "security.keyRotation.notifyBefore"),
            ("storage: { backupRetention: '90d' }", "security.storage.backupRetention"),
            ("storage: { backupPath: ' ' }", "security.storage.backupPath"),
        ] {
            let text = format!("{{ security: {{ {text} }} }}");
            let error = parse_str(&text, Format::Json5, &Environment::default()).unwrap_err();
            assert_eq!(error.issues()[0].path, path, "{error}");
        }
    }

    #[test]
    fn what_protects_less_than_it_seems_is_said() {
        let text = "{ security: {
            keyRotation: { enabled: true, interval: '30d', notifyBefore: '7d' },
            encryption: { database: { keyDerivation: 'PBKDF2', iterations: 100000 } },
            storage: { backupPath: '~/backups' },
        } }";
        let parsed = parse_str(text, Format::Json5, &Environment::default()).unwrap();
        let weak = parsed.notices.iter().filter(|notice| notice.kind == NoticeKind::Weak);
        let weak: Vec<&str> =
            weak.map(|notice| notice.path.as_str()).filter(|path| path.starts_with("security")).collect();
        assert_eq!(weak, ["security.encryption.database.iterations", "security.storage.backupEncryption"]);
        let text = "{ security: { encryption: { database: { iterations: 100000 } } } }";
        let parsed = parse_str(text, Format::Json5, &Environment::default()).unwrap();
        assert!(parsed.notices.iter().any(|notice| notice.kind == NoticeKind::Inert));
    }
}

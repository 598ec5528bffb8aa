//! Whether what protects the data is there: keys that grow old, what wraps the others, backups.

use std::path::Path;

use openclaw_config::{Config, Period};
use openclaw_core::{Clock, Environment};
use openclaw_seal::{Ages, Guard, KeyRing, Means};
use openclaw_store::backup::Past;

use super::{
    Report,
    finding::{Finding, Severity},
};
use crate::{
    commands::security::monitoring::{Became, Failing},
    show,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// A daily backup that is older than this did not happen.
const LATE_MS: i64 = 2 * DAY_MS;

pub(super) fn check(
    folder: &Path,
    config: Option<&Config>,
    environment: &Environment,
    home: Option<&Path>,
    report: &mut Report,
) {
    report.take(wrapped(folder, environment));
    let Some(config) = config else {
        report.skipped += 3;
        return;
    };
    let now = Clock::system().now_ms();
    report.take(due(folder, config, now));
    report.take(backup(folder, config, home, now));
    report.take(alerts(folder, config, now));
}

/// Alerts that nobody gets are worse than none: somebody relies on them.
fn alerts(folder: &Path, config: &Config, now: i64) -> Vec<Finding> {
    let Some(alerting) = config.alerting() else { return Vec::new() };
    let failing = Became::read(folder, now).failing.into_iter();
    let configured = failing.filter(|way| alerting.channels.iter().any(|channel| channel.word() == way.channel));
    let finding = |way: Failing| {
        let when = show::age(now, Some(way.since));
        let text = format!("alerts by {} do not arrive; the first was given up {when}: {}", way.channel, way.reason);
        Finding::new("alerts.undelivered", Severity::Warning, text)
            .at("security.monitoring.alerting")
            .hint("openclaw logs filter --event alert.failed; the next alert that arrives ends this")
    };
    configured.map(finding).collect()
}

fn wrapped(folder: &Path, environment: &Environment) -> Option<Finding> {
    let ring = KeyRing::of(folder);
    match ring.standing() {
        Err(error) => Some(Finding::new("keys.envelope", Severity::Error, error.to_string())),
        Ok(None) => None,
        Ok(Some(standing)) => {
            let unused = environment.get("OPENCLAW_STATE_PASSPHRASE").is_some()
                && !matches!(standing.guard, Guard::Passphrase { .. });
            if unused {
                let text = "OPENCLAW_STATE_PASSPHRASE is set, and the data keys are wrapped by another key";
                return Some(
                    Finding::new("keys.passphrase_unused", Severity::Warning, text)
                        .hint("openclaw security rotate-keys --to passphrase"),
                );
            }
            let error = ring.open(&Means::of(environment)).err()?;
            let text = format!("what is encrypted cannot be opened: {error}");
            Some(Finding::new("keys.wrapped", Severity::Error, text))
        }
    }
}

fn due(folder: &Path, config: &Config, now: i64) -> Vec<Finding> {
    let Some(rotation) = config.security.key_rotation.as_ref().filter(|rotation| rotation.enabled) else {
        return Vec::new();
    };
    let ms = |period: Option<Period>, otherwise| {
        period.map_or(otherwise, |period| i64::try_from(period.duration().as_millis()).unwrap_or(i64::MAX))
    };
    let due = Ages::read(folder).due(ms(rotation.interval, 30 * DAY_MS), ms(rotation.notify_before, 7 * DAY_MS), now);
    let finding = |due: openclaw_seal::Due| {
        let when = if due.at <= now {
            format!("was due to be exchanged {}", show::age(now, Some(due.at)))
        } else {
            format!("is due to be exchanged in {}", show::span(due.at - now))
        };
        let hint = match due.place.as_str() {
            "gateway.auth.token" => "openclaw config set gateway.auth.token, with a new one".to_owned(),
            place => format!("make a new one where it comes from, then: openclaw config set {place}"),
        };
        Finding::new("keys.due", Severity::Warning, format!("{} {when}", due.place)).at(due.place.clone()).hint(hint)
    };
    due.into_iter().map(finding).collect()
}

fn backup(folder: &Path, config: &Config, home: Option<&Path>, now: i64) -> Option<Finding> {
    let path = config.backup_folder(folder, home)?;
    let newest = match Past::list(&path) {
        Ok(past) => past.first().map(|past| past.made_at),
        Err(error) => return Some(Finding::new("backup.folder", Severity::Error, error.to_string())),
    };
    let text = match newest {
        Some(newest) if now - newest < LATE_MS => return None,
        Some(newest) => format!("the newest backup in {} was made {}", path.display(), show::age(now, Some(newest))),
        None => format!("there is no backup in {} yet", path.display()),
    };
    Some(
        Finding::new("backup.late", Severity::Warning, text)
            .at("security.storage.backupPath")
            .hint("openclaw backup create; why none was made: openclaw logs filter --event backup.failed"),
    )
}

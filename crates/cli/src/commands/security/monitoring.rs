//! What is watched and who is told, by the configuration, and what became of alerts, by the audit trail.

use std::{collections::BTreeMap, path::Path};

use openclaw_config::{AnomalyMetric, Config};
use openclaw_core::{audit::shown, record::AuditRecord};
use openclaw_store::{Error, Trail};
use serde::Serialize;

/// How far back is looked.
const SINCE_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// What is watched and who is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Monitoring {
    /// Whether what is unusual is looked for.
    pub(super) enabled: bool,
    metrics: Vec<&'static str>,
    window_ms: u64,
    threshold: f64,
    alerting: Alerting,
    /// Whether security events have a log of their own, and where.
    security_log: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Alerting {
    enabled: bool,
    channels: Vec<&'static str>,
    on_failures: bool,
    #[serde(flatten)]
    became: Became,
}

/// What became of alerts within the last week. Empty where no gateway has run.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Became {
    /// The newest one that was sent or given up.
    last: Option<Last>,
    /// Deliveries that arrived.
    sent: u64,
    /// Deliveries that were given up.
    failed: u64,
    /// The ways on which the newest delivery was given up.
    pub(crate) failing: Vec<Failing>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Last {
    ts: i64,
    event: String,
    channel: String,
}

/// A way on which alerts do not arrive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Failing {
    /// `email` or `webhook`.
    pub(crate) channel: String,
    /// Since when.
    pub(crate) since: i64,
    /// Why.
    pub(crate) reason: String,
}

impl Became {
    /// Reads the trail. A trail that cannot be read says nothing; other commands say why.
    pub(crate) fn read(state_dir: &Path, now_ms: i64) -> Self {
        let mut became = Self::default();
        let mut failing = BTreeMap::new();
        if let Ok(Some(trail)) = Trail::open(state_dir) {
            let read = trail.each(0, now_ms.saturating_sub(SINCE_MS), |record| {
                became.take(&record, &mut failing);
                Ok::<_, Error>(())
            });
            if read.is_err() {
                return Self::default();
            }
        }
        became.failing = failing.into_values().collect();
        became
    }

    fn take(&mut self, record: &AuditRecord, failing: &mut BTreeMap<String, Failing>) {
        let event = &record.event;
        let channel = event.target.clone().unwrap_or_default();
        match event.event.as_str() {
            "alert.sent" => {
                self.sent += 1;
                failing.remove(&channel);
            }
            "alert.failed" => {
                self.failed += 1;
                let reason = event.reason.clone().unwrap_or_default();
                let since = failing.get(&channel).map_or(record.ts, |before| before.since);
                failing.insert(channel.clone(), Failing { channel: channel.clone(), since, reason });
            }
            _ => return,
        }
        let about = event.detail["event"].as_str().unwrap_or_default();
        self.last = Some(Last { ts: record.ts, event: shown(about).to_owned(), channel });
    }
}

impl Monitoring {
    /// As it is configured and has gone.
    pub(super) fn of(config: &Config, state_dir: &Path, home: Option<&Path>, now_ms: i64) -> Self {
        let detection = config.anomaly_detection();
        let metrics = match detection {
            None => Vec::new(),
            Some(detection) if detection.metrics.is_empty() => AnomalyMetric::WORDS.to_vec(),
            Some(detection) => detection.metrics.iter().map(|metric| metric.word()).collect(),
        };
        let window = detection.map_or_else(Default::default, |detection| detection.window_size.duration());
        let security = config.logging.security.as_ref();
        let alerting = Alerting {
            enabled: config.alerting().is_some(),
            channels: config
                .alerting()
                .map_or_else(Vec::new, |alerting| alerting.channels.iter().map(|channel| channel.word()).collect()),
            on_failures: security.is_some_and(|security| security.alert_on_failures),
            became: Became::read(state_dir, now_ms),
        };
        Self {
            enabled: detection.is_some(),
            metrics,
            window_ms: u64::try_from(window.as_millis()).unwrap_or(u64::MAX),
            threshold: detection.map_or(0.0, |detection| detection.threshold),
            alerting,
            security_log: security.map(|_| config.security_log(state_dir, home).display().to_string()),
        }
    }

    /// What is watched, in words.
    pub(super) fn watched(&self) -> String {
        if !self.enabled {
            return "off".to_owned();
        }
        let window = crate::show::span(i64::try_from(self.window_ms).unwrap_or(i64::MAX));
        format!("{}, within {window}", self.metrics.join(", "))
    }

    /// Who is told and how that went, in words.
    pub(super) fn told(&self, now_ms: i64) -> String {
        let alerting = &self.alerting;
        if !alerting.enabled {
            return "the log and the audit trail alone".to_owned();
        }
        let became = &alerting.became;
        let mut text = format!("by {}", alerting.channels.join(" and "));
        if let Some(last) = &became.last {
            text.push_str(&format!("; last {} ({})", crate::show::age(now_ms, Some(last.ts)), last.event));
            text.push_str(&format!("; in 7 days {} arrived, {} did not", became.sent, became.failed));
        }
        text
    }

    /// Whether alerts do not arrive.
    pub(super) const fn is_failing(&self) -> bool {
        self.alerting.enabled && !self.alerting.became.failing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::record::AuditEvent;
    use serde_json::json;

    use super::*;

    fn record(ts: i64, event: &str, channel: &str) -> AuditRecord {
        let event = AuditEvent {
            event: event.to_owned(),
            severity: "info".to_owned(),
            actor: "gateway".to_owned(),
            ip: None,
            method: None,
            target: Some(channel.to_owned()),
            outcome: "ok".to_owned(),
            reason: Some(format!("why {ts}")),
            detail: json!({ "event": "run.error" }),
        };
        AuditRecord { seq: ts, ts, event, prev: String::new(), hash: String::new() }
    }

    #[test]
    fn a_way_fails_until_something_arrives_on_it_again() {
        let (mut became, mut failing) = (Became::default(), BTreeMap::new());
        for (ts, event, channel) in [
            (1, "alert.failed", "email"),
            (2, "alert.failed", "webhook"),
            (3, "auth.failure", "email"),
            (4, "alert.failed", "email"),
            (5, "alert.sent", "webhook"),
        ] {
            became.take(&record(ts, event, channel), &mut failing);
        }
        assert_eq!((became.sent, became.failed), (1, 3));
        let failing: Vec<_> = failing.into_values().collect();
        assert_eq!(failing, [Failing { channel: "email".to_owned(), since: 1, reason: "why 4".to_owned() }]);
        let last = Last { ts: 5, event: "error.internal".to_owned(), channel: "webhook".to_owned() };
        assert_eq!(became.last, Some(last));
    }
}

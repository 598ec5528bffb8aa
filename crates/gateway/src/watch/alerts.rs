//! Alerts: each is told once for a while, waits in a bounded queue of its way, and is tried again when it did not arrive.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use openclaw_config::{AlertChannel, Alerting};
use openclaw_core::{
    audit::shown,
    record::{AuditEvent, AuditRecord},
};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::{mail, webhook};
use crate::{audit::gateway_audit, egress::Failed, state::State};

/// Alerts that wait for one way.
const WAITING: usize = 64;
/// Time in which the same alert is not told again.
const QUIET_MS: i64 = 15 * 60 * 1000;
/// Kinds of alerts that are remembered as told.
const REMEMBERED: usize = 1024;
/// Time from an attempt that failed to the next one; after the last it is given up.
const BACKOFF: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(25),
    Duration::from_secs(125),
    Duration::from_secs(625),
];
/// Letters of a reason that are repeated.
const REASON: usize = 300;

/// Something that somebody should know, as the webhook's body says it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Alert {
    /// `openclaw.alert`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The same however often it is tried.
    pub(super) id: String,
    /// When it happened, milliseconds since the epoch.
    pub(super) ts: i64,
    /// The same for people, UTC.
    pub(super) time: String,
    /// The machine of the gateway.
    pub(super) host: String,
    /// Version of the gateway.
    version: &'static str,
    /// The audit event, as the audit file shows it.
    pub(super) event: String,
    /// `info`, `warn`, `error` or `critical`.
    pub(super) severity: String,
    /// One sentence for people.
    pub(super) summary: String,
    /// Number of the audit record.
    pub(super) seq: i64,
    /// Who.
    pub(super) actor: String,
    /// Where from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ip: Option<String>,
    /// Which method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<String>,
    /// What it was done to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    /// The record's facts.
    pub(super) detail: Value,
    /// Alerts of the same kind that were not told since the last one.
    pub(super) suppressed: u64,
}

impl Alert {
    /// The alert about a record.
    pub(super) fn of(state: &State, record: &AuditRecord) -> Self {
        let event = record.event.clone();
        let at = jiff::Timestamp::from_millisecond(record.ts);
        Self {
            kind: "openclaw.alert",
            id: state.ids.uuid().to_string(),
            ts: record.ts,
            time: at.map_or_else(|_| record.ts.to_string(), |at| format!("{at:.3}")),
            host: state.host.clone(),
            version: openclaw_protocol::VERSION,
            event: shown(&event.event).to_owned(),
            summary: summary(&event),
            severity: event.severity,
            seq: record.seq,
            actor: event.actor,
            ip: event.ip,
            method: event.method,
            target: event.target,
            reason: event.reason.map(|reason| plain(&reason)),
            detail: event.detail,
            suppressed: 0,
        }
    }

    /// Alerts with the same one are the same for a while. Where an attacker can choose something it is not part of it.
    fn sameness(&self) -> String {
        match self.event.as_str() {
            "suspicious_activity" | "keys.due" => {
                format!("{}:{}", self.event, self.target.as_deref().unwrap_or_default())
            }
            event => event.to_owned(),
        }
    }
}

fn summary(event: &AuditEvent) -> String {
    let detail = &event.detail;
    let target = event.target.as_deref().unwrap_or_default();
    let seconds = detail["windowMs"].as_i64().unwrap_or_default() / 1000;
    match event.event.as_str() {
        "suspicious_activity" if detail["state"] == "began" => format!(
            "{target}: {} {} within {seconds} s, where about {} were expected (score {})",
            detail["seen"],
            detail["unit"].as_str().unwrap_or_default(),
            detail["expected"],
            detail["score"],
        ),
        "keys.due" => format!("{target} is due to be exchanged"),
        name => {
            let mut text = format!("{}: {}", shown(name), event.outcome);
            for (word, value) in [(" by ", Some(event.actor.as_str())), (" from ", event.ip.as_deref())] {
                if let Some(value) = value {
                    text.push_str(word);
                    text.push_str(&plain(value));
                }
            }
            if let Some(reason) = &event.reason {
                text.push_str(": ");
                text.push_str(&plain(reason));
            }
            text
        }
    }
}

/// One line that is not too long.
fn plain(text: &str) -> String {
    text.chars().take(REASON).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Which alerts were told, and the ways on which they go out.
#[derive(Debug)]
pub(crate) struct Alerts {
    email: mpsc::Sender<Arc<Alert>>,
    webhook: mpsc::Sender<Arc<Alert>>,
    told: Mutex<HashMap<String, Told>>,
}

/// The ends of the ways.
pub(crate) type Receivers = [(AlertChannel, mpsc::Receiver<Arc<Alert>>); 2];

#[derive(Clone, Copy, Debug)]
struct Told {
    at: i64,
    since: u64,
}

impl Alerts {
    pub(super) fn new() -> (Self, Receivers) {
        let (email, mails) = mpsc::channel(WAITING);
        let (webhook, posts) = mpsc::channel(WAITING);
        let alerts = Self { email, webhook, told: Mutex::default() };
        (alerts, [(AlertChannel::Email, mails), (AlertChannel::Webhook, posts)])
    }

    /// Tells it in the log and on every way that is configured, unless the same was told a moment ago.
    pub(super) fn raise(&self, state: &State, mut alert: Alert) {
        let Some(since) = self.is_news(&alert.sameness(), state.clock.now_ms()) else { return };
        alert.suppressed = since;
        warn!(event = alert.event.as_str(), seq = alert.seq, suppressed = since, "Alert: {}", alert.summary);
        let active = state.active();
        let Some(alerting) = active.loaded.config.alerting() else { return };
        let alert = Arc::new(alert);
        for channel in wanted(alerting) {
            let way = match channel {
                AlertChannel::Email => &self.email,
                AlertChannel::Webhook => &self.webhook,
            };
            if way.try_send(Arc::clone(&alert)).is_err() {
                state.metrics.alerts_dropped.inc();
                let why = format!("{WAITING} alerts already wait to go out");
                state.audit_detached(lost(channel, &alert, &why, 0));
            }
        }
    }

    /// How many like it were not told since the last one; `None` when this one is not to be told either.
    fn is_news(&self, sameness: &str, now_ms: i64) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was put back silences nothing.
        let quiet = |told: &Told| (0..QUIET_MS).contains(&(now_ms - told.at));
        if let Some(before) = told.get_mut(sameness).filter(|told| quiet(told)) {
            before.since += 1;
            return None;
        }
        if told.len() >= REMEMBERED && !told.contains_key(sameness) {
            told.retain(|_, told| quiet(told));
            if told.len() >= REMEMBERED {
                return None;
            }
        }
        let before = told.insert(sameness.to_owned(), Told { at: now_ms, since: 0 });
        Some(before.map_or(0, |before| before.since))
    }
}

/// The ways that are configured, each once.
fn wanted(alerting: &Alerting) -> impl Iterator<Item = AlertChannel> {
    [AlertChannel::Email, AlertChannel::Webhook].into_iter().filter(|channel| alerting.channels.contains(channel))
}

/// Sends alerts one way until the gateway stops.
pub(super) async fn deliver(state: Arc<State>, channel: AlertChannel, mut alerts: mpsc::Receiver<Arc<Alert>>) {
    loop {
        let alert = tokio::select! {
            () = state.tasks.stopping() => break,
            alert = alerts.recv() => match alert {
                Some(alert) => alert,
                None => return,
            },
        };
        let audit = send(&state, channel, &alert).await;
        match audit.outcome.as_str() {
            "ok" => state.metrics.alerts_sent.inc(),
            _ => state.metrics.alerts_failed.inc(),
        };
        state.audit_detached(audit);
    }
    // The trail says what never went out.
    while let Ok(alert) = alerts.try_recv() {
        state.audit_detached(lost(channel, &alert, "the gateway stopped before it was sent", 0));
    }
}

/// Tries until it arrived, cannot, or is given up. What became of it, for the audit trail.
async fn send(state: &Arc<State>, channel: AlertChannel, alert: &Alert) -> AuditEvent {
    let mut attempts = 0;
    loop {
        attempts += 1;
        // As it is configured by now.
        let loaded = Arc::clone(&state.active().loaded);
        let Some(alerting) = loaded.config.alerting().filter(|alerting| alerting.channels.contains(&channel)) else {
            return lost(channel, alert, "this way of alerts was turned off", attempts - 1);
        };
        let attempt = async {
            match channel {
                AlertChannel::Email => mail::send(alerting, alert).await,
                AlertChannel::Webhook => webhook::post(state, alerting, alert).await,
            }
        };
        let done = tokio::select! {
            done = attempt => done,
            () = state.tasks.stopping() => {
                return lost(channel, alert, "the gateway stopped while it was sent", attempts);
            }
        };
        let failed = match done {
            Ok(()) => {
                info!(channel = channel.word(), event = alert.event.as_str(), id = alert.id.as_str(), "Alert sent");
                let detail = json!({ "alertId": alert.id, "event": alert.event, "attempts": attempts });
                return AuditEvent { target: Some(channel.word().to_owned()), ..gateway_audit("alert.sent", detail) };
            }
            Err(failed) => failed,
        };
        let why = plain(&failed.to_string());
        warn!(channel = channel.word(), attempts, error = why.as_str(), "An alert was not delivered");
        let Some(pause) = BACKOFF.get(attempts - 1).filter(|_| failed.is_passing()) else {
            return lost(channel, alert, &why, attempts);
        };
        tokio::select! {
            () = state.tasks.stopping() => return lost(channel, alert, &format!("{why}; then the gateway stopped"), attempts),
            () = tokio::time::sleep(*pause) => {}
        }
    }
}

fn lost(channel: AlertChannel, alert: &Alert, why: &str, attempts: usize) -> AuditEvent {
    AuditEvent {
        severity: "error".to_owned(),
        target: Some(channel.word().to_owned()),
        outcome: "error".to_owned(),
        reason: Some(why.to_owned()),
        ..gateway_audit(
            "alert.failed",
            json!({ "alertId": alert.id, "event": alert.event, "attempts": attempts, "summary": alert.summary }),
        )
    }
}

/// A place refused, or a server did not take it: what the ways have in common.
pub(super) type Sent = Result<(), Failed>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_told_once_for_a_while_and_then_with_how_often_it_was_not() {
        let (alerts, _ways) = Alerts::new();
        assert_eq!(alerts.is_news("auth.failure", 1000), Some(0));
        assert_eq!(alerts.is_news("authz.denied", 1000), Some(0));
        for at in 0..50 {
            assert_eq!(alerts.is_news("auth.failure", 1001 + at), None);
        }
        assert_eq!(alerts.is_news("auth.failure", 1000 + QUIET_MS), Some(50));
        assert_eq!(alerts.is_news("auth.failure", 500), Some(0), "a clock that was put back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (alerts, _ways) = Alerts::new();
        for number in 0..5000 {
            alerts.is_news(&format!("keys.due:{number}"), 0);
        }
        assert_eq!(alerts.told.lock().unwrap().len(), REMEMBERED);
        assert_eq!(alerts.is_news("auth.failure", QUIET_MS), Some(0), "what is old makes room");
    }

    #[test]
    fn a_summary_is_one_line_and_names_what_was_expected_and_seen() {
        let detail = json!({
            "state": "began", "metric": "authentication_failures", "unit": "failures",
            "seen": 40.0, "expected": 2.0, "score": 0.9, "windowMs": 3_600_000,
        });
        let event = AuditEvent {
            target: Some("authentication_failures".to_owned()),
            ..gateway_audit("suspicious_activity", detail)
        };
        assert_eq!(
            summary(&event),
            "authentication_failures: 40.0 failures within 3600 s, where about 2.0 were expected (score 0.9)"
        );
        let refused = AuditEvent {
            actor: "anonymous".to_owned(),
            ip: Some("192.0.2.1".to_owned()),
            outcome: "denied".to_owned(),
            reason: Some("wrong\r\nBcc: x@example.com".to_owned()),
            ..gateway_audit("auth.failure", Value::Null)
        };
        let line = summary(&refused);
        assert_eq!(line, "auth.failure: denied by anonymous from 192.0.2.1: wrong  Bcc: x@example.com");
    }
}

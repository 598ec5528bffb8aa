//! Figures for Prometheus. The five names of spec 001 are exact (SPEC-NOTES 11).

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use crate::history::Latency;

/// Why a model did not answer: one of the words of [`openclaw_agents::failover::Reason`], so there are few.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct ErrorKind {
    pub(crate) kind: &'static str,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Open now. A gauge despite its name, because spec 001 prints that name.
    pub(crate) connections: Gauge,
    /// Frames written to clients.
    pub(crate) messages_sent: Counter<u64, AtomicU64>,
    /// Frames read from clients.
    pub(crate) messages_received: Counter<u64, AtomicU64>,
    /// Requests that were answered, over sockets and HTTP, however they were.
    pub(crate) requests: Counter<u64, AtomicU64>,
    /// Those among them that were refused or failed.
    pub(crate) request_errors: Counter<u64, AtomicU64>,
    /// How long answers took.
    pub(crate) latency: Latency,
    /// Events written to clients.
    pub(crate) events_sent: Counter<u64, AtomicU64>,
    /// Tokens that models read.
    pub(crate) tokens_read: Counter<u64, AtomicU64>,
    /// Tokens that models wrote.
    pub(crate) tokens_written: Counter<u64, AtomicU64>,
    /// US dollars, where prices are known.
    pub(crate) cost: Counter<f64, AtomicU64>,
    /// Calls of `spawn`.
    pub(crate) spawn_requests: Counter<u64, AtomicU64>,
    /// Refused handshakes.
    pub(crate) auth_failures: Counter<u64, AtomicU64>,
    /// Transient events that a slow connection did not get.
    pub(crate) events_dropped: Counter<u64, AtomicU64>,
    /// Connections closed because they did not read.
    pub(crate) slow_consumers: Counter<u64, AtomicU64>,
    /// Clients that went on where they were.
    pub(crate) resumed: Counter<u64, AtomicU64>,
    /// Clients that could not.
    pub(crate) not_resumed: Counter<u64, AtomicU64>,
    /// Bytes of events kept for clients that come back.
    pub(crate) resume_bytes: Gauge,
    /// Sockets turned away before authentication.
    pub(crate) preauth_refused: Counter<u64, AtomicU64>,
    /// Programs that were started and run.
    pub(crate) spawns_running: Gauge,
    /// Runs at work.
    pub(crate) runs_active: Gauge,
    /// Runs ended, however they did.
    pub(crate) runs_ended: Counter<u64, AtomicU64>,
    /// Attempts at models that failed, by reason.
    pub(crate) model_errors: Family<ErrorKind, Counter<u64, AtomicU64>>,
    /// How often another model than the wanted one was asked.
    pub(crate) model_fallbacks: Counter<u64, AtomicU64>,
    /// Configurations that were put in force after the start.
    pub(crate) config_reloads: Counter<u64, AtomicU64>,
    /// Times the configuration's file could not be used.
    pub(crate) config_rejected: Counter<u64, AtomicU64>,
    /// Times the owner of scheduled jobs woke up.
    pub(crate) cron_wakeups: Counter<u64, AtomicU64>,
    /// Audit records that are not in the audit file yet.
    pub(crate) audit_export_lag: Gauge,
    /// 1 while the audit file cannot be written.
    pub(crate) audit_export_failing: Gauge,
    /// Audit records that were looked at and are as they were written.
    pub(crate) audit_verified: Gauge,
    /// 1 when the audit trail is not as it was written.
    pub(crate) audit_chain_broken: Gauge,
    /// Audit records of refusals that were not kept, because too many waited.
    pub(crate) audit_dropped: Gauge,
    /// Calls that a scope, a role or a rule refused.
    pub(crate) authz_denied: Counter<u64, AtomicU64>,
    /// Messages to agents that were accepted.
    pub(crate) messages_accepted: Counter<u64, AtomicU64>,
    /// Files of workspaces that were read, written or removed.
    pub(crate) files_touched: Counter<u64, AtomicU64>,
    /// Whole windows that what is expected rests on; before four of them nothing is called unusual.
    pub(crate) watch_windows: Gauge,
    /// Times that something became unusual.
    pub(crate) anomalies: Counter<u64, AtomicU64>,
    /// Alerts that arrived.
    pub(crate) alerts_sent: Counter<u64, AtomicU64>,
    /// Alerts that were given up.
    pub(crate) alerts_failed: Counter<u64, AtomicU64>,
    /// Alerts for which there was no room in the queue.
    pub(crate) alerts_dropped: Counter<u64, AtomicU64>,
    /// Durable transactions.
    pub(crate) store_commits: Counter<u64, AtomicU64>,
}

impl Metrics {
    /// All at zero.
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// Counts answers that took so long together.
    pub(crate) fn answered(&self, answers: u64, took: Duration) {
        self.requests.inc_by(answers);
        self.latency.note(answers, took);
    }

    /// Counts an answer whose time says nothing.
    pub(crate) fn answered_late(&self) {
        self.requests.inc();
    }

    /// Counts an answer that is a refusal. Its time is not counted: refusing is quick, and many refusals would hide the rest.
    pub(crate) fn failed(&self) {
        self.requests.inc();
        self.request_errors.inc();
    }

    /// The text that a scrape gets.
    pub(crate) fn render(&self) -> String {
        let mut registry = Registry::with_prefix("openclaw_gateway");
        let counters: [(&str, &str, &Counter<u64, AtomicU64>); 27] = [
            ("messages_sent", "Frames written to clients", &self.messages_sent),
            ("messages_received", "Frames read from clients", &self.messages_received),
            ("requests", "Requests that were answered", &self.requests),
            ("request_errors", "Requests that were refused or failed", &self.request_errors),
            ("events_sent", "Events written to clients", &self.events_sent),
            ("tokens_read", "Tokens that models read", &self.tokens_read),
            ("tokens_written", "Tokens that models wrote", &self.tokens_written),
            ("spawn_requests", "Agent spawn requests", &self.spawn_requests),
            ("auth_failures", "Refused handshakes", &self.auth_failures),
            ("events_dropped", "Transient events that slow connections did not get", &self.events_dropped),
            ("slow_consumers", "Connections closed because they did not read", &self.slow_consumers),
            ("resumed", "Clients that went on where they were", &self.resumed),
            ("resume_snapshots", "Clients that came back and had to fetch anew", &self.not_resumed),
            ("preauth_refused", "Sockets turned away before authentication", &self.preauth_refused),
            ("runs_ended", "Runs that ended", &self.runs_ended),
            ("model_fallbacks", "Times another model than the wanted one was asked", &self.model_fallbacks),
            ("config_reloads", "Configurations put in force after the start", &self.config_reloads),
            ("config_rejected", "Times the configuration's file could not be used", &self.config_rejected),
            ("cron_wakeups", "Times the owner of scheduled jobs woke up", &self.cron_wakeups),
            ("authz_denied", "Calls that were refused to somebody who was let in", &self.authz_denied),
            ("messages_accepted", "Messages to agents that were accepted", &self.messages_accepted),
            ("files_touched", "Files of workspaces that were read, written or removed", &self.files_touched),
            ("anomalies", "Times that something became unusual", &self.anomalies),
            ("alerts_sent", "Alerts that arrived", &self.alerts_sent),
            ("alerts_failed", "Alerts that were given up", &self.alerts_failed),
            ("alerts_dropped", "Alerts that found the queue full", &self.alerts_dropped),
            ("store_commits", "Durable transactions", &self.store_commits),
        ];
        for (name, help, counter) in counters {
            registry.register(name, help, counter.clone());
        }
        registry.register("cost_dollars", "US dollars that models cost, where prices are known", self.cost.clone());
        registry.register("model_errors", "Attempts at models that failed", self.model_errors.clone());
        registry.register("resume_bytes", "Bytes of events kept for clients that come back", self.resume_bytes.clone());
        registry.register("spawns_running", "Programs that were started and run", self.spawns_running.clone());
        registry.register(
            "audit_export_lag",
            "Audit records that are not in the file yet",
            self.audit_export_lag.clone(),
        );
        let failing = self.audit_export_failing.clone();
        registry.register("audit_export_failing", "1 while the audit file cannot be written", failing);
        let verified = self.audit_verified.clone();
        registry.register("audit_verified", "Audit records that are proved to be as they were written", verified);
        let broken = self.audit_chain_broken.clone();
        registry.register("audit_chain_broken", "1 when the audit trail is not as it was written", broken);
        registry.register("audit_dropped", "Audit records that were not kept", self.audit_dropped.clone());
        registry.register("watch_windows", "Windows that what is expected rests on", self.watch_windows.clone());
        registry.register("runs_active", "Runs at work", self.runs_active.clone());
        registry.register("connections_total", "WebSocket connections open now", self.connections.clone());
        let mut text = String::new();
        encode(&mut text, &registry).expect("writing to a string cannot fail");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_spec_001_are_exact() {
        let metrics = Metrics::default();
        metrics.connections.inc();
        metrics.messages_sent.inc();
        let text = metrics.render();
        for line in [
            "openclaw_gateway_connections_total 1",
            "openclaw_gateway_messages_sent_total 1",
            "openclaw_gateway_messages_received_total 0",
            "openclaw_gateway_spawn_requests_total 0",
            "openclaw_gateway_auth_failures_total 0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}

//! What is watched, where it is counted, and from which size on a difference says something.

use openclaw_config::AnomalyMetric;
use openclaw_core::anomaly::{Settings, Together};

use crate::metrics::Metrics;

/// One figure. What a metric of the configuration means may be two of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    /// Refused handshakes, requests and hooks.
    AuthenticationFailures,
    /// Calls that a scope, a role or a rule refused.
    AuthorizationDenials,
    /// Messages to agents that were accepted.
    MessageVolume,
    /// Files of workspaces that were read, written or removed.
    FileAccess,
    /// Memory of the process, MiB.
    Memory,
    /// Processor time of the process, seconds.
    Processor,
}

impl Figure {
    /// Those that a metric means.
    pub(super) const fn of(metric: AnomalyMetric) -> &'static [Self] {
        match metric {
            AnomalyMetric::AuthenticationFailures => &[Self::AuthenticationFailures],
            AnomalyMetric::AuthorizationDenials => &[Self::AuthorizationDenials],
            AnomalyMetric::MessageVolume => &[Self::MessageVolume],
            AnomalyMetric::FileAccessPatterns => &[Self::FileAccess],
            AnomalyMetric::ResourceUsage => &[Self::Memory, Self::Processor],
        }
    }

    /// The metric that it belongs to.
    pub(super) const fn metric(self) -> AnomalyMetric {
        match self {
            Self::AuthenticationFailures => AnomalyMetric::AuthenticationFailures,
            Self::AuthorizationDenials => AnomalyMetric::AuthorizationDenials,
            Self::MessageVolume => AnomalyMetric::MessageVolume,
            Self::FileAccess => AnomalyMetric::FileAccessPatterns,
            Self::Memory | Self::Processor => AnomalyMetric::ResourceUsage,
        }
    }

    /// What is counted, for people.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::AuthenticationFailures => "failures",
            Self::AuthorizationDenials => "denials",
            Self::MessageVolume => "messages",
            Self::FileAccess => "accesses",
            Self::Memory => "MiB of memory",
            Self::Processor => "seconds of processor time",
        }
    }

    /// How it is judged. The least spreads let people mistype, begin their day and open their files.
    pub(super) fn settings(self, window_ms: i64, threshold: f64) -> Settings {
        #[expect(clippy::cast_precision_loss, reason = "a window is a month at most")]
        let window_seconds = window_ms as f64 / 1000.0;
        let (together, least_spread, least_share) = match self {
            Self::AuthenticationFailures | Self::AuthorizationDenials => (Together::Sum, 2.5, 0.0),
            Self::MessageVolume | Self::FileAccess => (Together::Sum, 25.0, 0.1),
            Self::Memory => (Together::Highest, 64.0, 0.1),
            // A twentieth of one processor.
            Self::Processor => (Together::Sum, 0.05 * window_seconds, 0.1),
        };
        Settings { window_ms, threshold, together, least_spread, least_share }
    }

    /// What it stands at: a count that only grows, or for memory what there is. `None` where the system does not tell.
    pub(super) fn read(self, metrics: &Metrics) -> Option<f64> {
        let counted = match self {
            Self::AuthenticationFailures => metrics.auth_failures.get(),
            Self::AuthorizationDenials => metrics.authz_denied.get(),
            Self::MessageVolume => metrics.messages_accepted.get(),
            Self::FileAccess => metrics.files_touched.get(),
            Self::Memory => return memory(&read("/proc/self/status")),
            Self::Processor => return processor(&read("/proc/self/stat")),
        };
        #[expect(clippy::cast_precision_loss, reason = "nothing here happens 2^53 times")]
        Some(counted as f64)
    }
}

/// Memory and processor time of this process: bytes and milliseconds. Each is `None` where the system does not tell.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both are small and not negative")]
pub(crate) fn process() -> (Option<u64>, Option<u64>) {
    let memory = memory_kib().map(|kib| kib * 1024);
    (memory, processor(&read("/proc/self/stat")).map(|seconds| (seconds * 1000.0) as u64))
}

/// Memory of this process that is not on disk, KiB. `None` where the system does not tell.
pub(crate) fn memory_kib() -> Option<u64> {
    kib(&read("/proc/self/status"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

/// MiB, from the lines of `/proc/self/status`.
fn memory(status: &str) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "no machine has 2^53 KiB")]
    kib(status).map(|kib| kib as f64 / 1024.0)
}

fn kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Seconds, from the line of `/proc/self/stat`. Linux counts there in hundredths on every machine that we build for.
fn processor(stat: &str) -> Option<f64> {
    // The name of the program may hold anything, so what counts begins behind its last bracket.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(memory("Name:\tx\nVmRSS:\t  204800 kB\nThreads: 3\n"), Some(200.0));
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 1 2 3 4 250 150 0 0 20 0 9 0 100 200 300";
        assert_eq!(processor(stat), Some(4.0));
        for nonsense in ["", "x", "1 (x) S", ")"] {
            assert_eq!((memory(nonsense), processor(nonsense)), (None, None));
        }
        if cfg!(target_os = "linux") {
            let metrics = Metrics::default();
            assert!(Figure::Memory.read(&metrics).is_some_and(|mib| mib > 1.0));
            assert!(Figure::Processor.read(&metrics).is_some());
        }
    }

    #[test]
    fn every_metric_means_figures_that_belong_to_it() {
        for metric in AnomalyMetric::WORDS.iter().filter_map(|word| AnomalyMetric::from_word(word)) {
            assert!(
                !Figure::of(metric).is_empty() && Figure::of(metric).iter().all(|figure| figure.metric() == metric)
            );
        }
    }
}

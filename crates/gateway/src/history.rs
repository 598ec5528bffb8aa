//! Figures over time, for people who have no Prometheus: every ten seconds for an hour, every minute for a day.
//!
//! One task looks and writes; whoever asks reads under the same short lock. Kept in memory alone: a restart begins anew,
//! which the answer says, so that a chart shows a gap and not a zero.

mod latency;
mod rings;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use schemars::JsonSchema;
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

pub(crate) use latency::Latency;

use crate::{
    call::Call,
    metrics::Metrics,
    rpc::{self, Answer},
    state::State,
    watch,
};
use rings::{COARSE_KEPT, COARSE_MS, FINE_KEPT, FINE_MS, Levels, Look, Rings, Sample, Totals, narrow};

/// Time between two looks.
const EVERY: Duration = Duration::from_millis(FINE_MS.unsigned_abs());

/// Whether the time of a method's answer is counted.
pub(crate) fn is_timed(method: &str) -> bool {
    rpc::find(method).is_none_or(|row| !row.waits)
}

/// Counts an answer to a call that began then, unless its time says nothing.
pub(crate) fn answered(call: &Call, answer: &Answer, began: Option<Instant>) {
    let metrics = &call.state().metrics;
    match (answer, began) {
        (Err(_), _) => metrics.failed(),
        // What was accepted first and answered when the work was done was answered at once.
        (Ok(_), Some(began)) if !call.was_accepted() => metrics.answered(1, began.elapsed()),
        (Ok(_), _) => metrics.answered_late(),
    }
}

/// What is remembered.
#[derive(Debug)]
pub(crate) struct History(Mutex<Rings>);

/// How fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Ten seconds, for an hour.
    Fine,
    /// A minute, for a day.
    Coarse,
}

impl Step {
    /// Seconds, as callers say them.
    pub(crate) fn from_seconds(seconds: i64) -> Option<Self> {
        [Self::Fine, Self::Coarse].into_iter().find(|step| step.ms() == seconds.saturating_mul(1000))
    }

    /// The finer one where it reaches back so many milliseconds.
    pub(crate) const fn fitting(back: i64) -> Self {
        if back <= Self::Fine.kept_ms() { Self::Fine } else { Self::Coarse }
    }

    /// How far back it is kept, milliseconds.
    pub(crate) const fn kept_ms(self) -> i64 {
        match self {
            Self::Fine => FINE_MS * FINE_KEPT,
            Self::Coarse => COARSE_MS * COARSE_KEPT,
        }
    }

    pub(crate) const fn ms(self) -> i64 {
        match self {
            Self::Fine => FINE_MS,
            Self::Coarse => COARSE_MS,
        }
    }
}

/// Figures in columns: the n-th entry of each is about the same time.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Columns {
    /// Ends of the times, milliseconds since the epoch, rising. Where two are further apart than a step, nobody measured.
    at: Vec<i64>,
    /// How long each is, milliseconds.
    span_ms: Vec<u32>,
    /// Connections, the most that were there.
    connections: Vec<u32>,
    /// Requests that were answered, over sockets and HTTP.
    requests: Vec<u32>,
    /// Those among them that were refused or failed.
    errors: Vec<u32>,
    /// Events that were written to connections.
    events: Vec<u32>,
    /// Milliseconds within which half of the answers came; `null` when there was none. Answers that wait for people, machines
    /// or runs on purpose do not count.
    p50_ms: Vec<Option<f64>>,
    /// Milliseconds within which 99 of 100 came.
    p99_ms: Vec<Option<f64>>,
    /// How late the gateway's own alarm rang, milliseconds: more than a few say that it has too much to do.
    lag_ms: Vec<f64>,
    /// Memory of the process; `null` where the system does not tell.
    memory_bytes: Vec<Option<u64>>,
    /// Tokens that models read.
    tokens_read: Vec<u32>,
    /// Tokens that models wrote.
    tokens_written: Vec<u32>,
    /// US dollars, where prices are known.
    cost: Vec<f64>,
    /// Runs that ended.
    runs: Vec<u32>,
    /// Runs at work, the most that were.
    runs_active: Vec<u32>,
}

impl Columns {
    fn push(&mut self, sample: &Sample) {
        let ms = |micros: u32| f64::from(micros) / 1000.0;
        self.at.push(sample.at);
        self.span_ms.push(sample.span_ms);
        self.connections.push(sample.levels.connections);
        self.requests.push(sample.requests);
        self.errors.push(sample.errors);
        self.events.push(sample.events);
        self.p50_ms.push(sample.p50_us.map(ms));
        self.p99_ms.push(sample.p99_us.map(ms));
        self.lag_ms.push(ms(sample.levels.lag_us));
        self.memory_bytes.push(sample.levels.memory_kib.map(|kib| u64::from(kib) * 1024));
        self.tokens_read.push(sample.tokens_read);
        self.tokens_written.push(sample.tokens_written);
        // What a hundred-millionth of a dollar says is noise of the number.
        self.cost.push((f64::from(sample.cost) * 1e8).round() / 1e8);
        self.runs.push(sample.runs);
        self.runs_active.push(sample.levels.runs_active);
    }
}

impl History {
    /// Empty; what happens from now on is kept.
    pub(crate) fn new(metrics: &Metrics, now: i64) -> Self {
        Self(Mutex::new(Rings::new(&look(metrics, now, Duration::ZERO))))
    }

    fn rings(&self) -> MutexGuard<'_, Rings> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was measured after `since`.
    pub(crate) fn since(&self, since: i64, step: Step) -> Columns {
        let mut columns = Columns::default();
        let rings = self.rings();
        let ring = match step {
            Step::Fine => &rings.fine,
            Step::Coarse => &rings.coarse,
        };
        debug_assert_eq!(ring.step_ms(), step.ms());
        ring.since(since).for_each(|sample| columns.push(sample));
        columns
    }

    fn note(&self, look: &Look) {
        self.rings().note(look);
    }
}

fn look(metrics: &Metrics, now: i64, late: Duration) -> Look {
    let level = |gauge: &prometheus_client::metrics::gauge::Gauge| u32::try_from(gauge.get()).unwrap_or(0);
    Look {
        at: now,
        totals: Totals {
            requests: metrics.requests.get(),
            errors: metrics.request_errors.get(),
            events: metrics.events_sent.get(),
            runs: metrics.runs_ended.get(),
            tokens_read: metrics.tokens_read.get(),
            tokens_written: metrics.tokens_written.get(),
            cost: metrics.cost.get(),
        },
        levels: Levels {
            connections: level(&metrics.connections),
            runs_active: level(&metrics.runs_active),
            memory_kib: watch::memory_kib().map(narrow),
            lag_us: u32::try_from(late.as_micros()).unwrap_or(u32::MAX),
        },
        answers: metrics.latency.counted(),
    }
}

/// Looks until the gateway stops.
pub(crate) async fn run(state: Arc<State>) {
    let mut due = Instant::now() + EVERY;
    loop {
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = sleep_until(due) => {}
        }
        let now = Instant::now();
        state.history.note(&look(&state.metrics, state.clock.now_ms(), now.saturating_duration_since(due)));
        due = (due + EVERY).max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told_in_columns_of_the_same_length() {
        let metrics = Metrics::default();
        let history = History::new(&metrics, 1_000_000);
        metrics.connections.set(3);
        metrics.answered(4, Duration::from_micros(900));
        metrics.failed();
        metrics.tokens_read.inc_by(120);
        metrics.cost.inc_by(0.0125);
        history.note(&look(&metrics, 1_010_000, Duration::from_millis(2)));
        let told = serde_json::to_value(history.since(0, Step::Fine)).unwrap();
        for (name, column) in told.as_object().unwrap() {
            assert_eq!(column.as_array().map(Vec::len), Some(1), "{name}");
        }
        let first = |name: &str| told[name][0].clone();
        assert_eq!((first("at"), first("spanMs"), first("connections")), (1_010_000.into(), 10_000.into(), 3.into()));
        assert_eq!((first("requests"), first("errors")), (5.into(), 1.into()));
        assert_eq!((first("p50Ms"), first("lagMs")), (0.959.into(), 2.0.into()));
        assert_eq!((first("tokensRead"), first("cost")), (120.into(), 0.0125.into()));
        assert!(history.since(1_010_000, Step::Fine).at.is_empty() && history.since(0, Step::Coarse).at.is_empty());
    }

    #[test]
    fn an_hour_is_fine_and_more_is_coarse() {
        assert_eq!(
            [1, 3_600_000, 3_600_001, i64::MAX].map(Step::fitting),
            [Step::Fine, Step::Fine, Step::Coarse, Step::Coarse]
        );
        assert_eq!([10, 60, 30, i64::MAX].map(Step::from_seconds), [Some(Step::Fine), Some(Step::Coarse), None, None]);
    }

    #[test]
    fn the_time_of_an_answer_that_waits_on_purpose_says_nothing() {
        let told: Vec<_> =
            ["health", "agent.wait", "node.invoke", "gateways.call", "models.probe"].map(is_timed).into();
        assert_eq!(told, [true, false, false, false, false]);
    }
}

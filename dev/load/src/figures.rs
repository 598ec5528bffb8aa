//! Figures of one case, and how repetitions become one.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::time::Instant;

use crate::process::{Cpu, Memory, Tree};

/// What one repetition of a case showed. Absent means that the case does not have it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// Operations done.
    pub(crate) operations: Option<f64>,
    /// Operations per second.
    pub(crate) per_second: Option<f64>,
    /// Median time of one operation, milliseconds.
    pub(crate) p50_ms: Option<f64>,
    /// Time that 99 of 100 operations stay below, milliseconds.
    pub(crate) p99_ms: Option<f64>,
    /// Longest time of one operation, milliseconds.
    pub(crate) worst_ms: Option<f64>,
    /// Server CPU per 1,000 operations, milliseconds.
    pub(crate) cpu_ms_per_1000: Option<f64>,
    /// Resident memory of the server at the end, KiB.
    pub(crate) rss_kib: Option<f64>,
    /// Proportional memory of the server at the end, KiB.
    pub(crate) pss_kib: Option<f64>,
    /// Bytes of each: memory that a connection added, or what it was sent; the line says which.
    pub(crate) bytes_each: Option<f64>,
    /// How much of something one hour adds, by least squares; the line says of what.
    pub(crate) per_hour: Option<f64>,
    /// Standard error of [`per_hour`](Self::per_hour).
    pub(crate) per_hour_error: Option<f64>,
}

/// A figure's place in [`Figures`].
type Place = fn(&mut Figures) -> &mut Option<f64>;

/// Every figure.
const PLACES: [Place; 11] = [
    |figures| &mut figures.operations,
    |figures| &mut figures.per_second,
    |figures| &mut figures.p50_ms,
    |figures| &mut figures.p99_ms,
    |figures| &mut figures.worst_ms,
    |figures| &mut figures.cpu_ms_per_1000,
    |figures| &mut figures.rss_kib,
    |figures| &mut figures.pss_kib,
    |figures| &mut figures.bytes_each,
    |figures| &mut figures.per_hour,
    |figures| &mut figures.per_hour_error,
];

impl Figures {
    /// Figure by figure, the median of the repetitions.
    pub(crate) fn median(repetitions: &[Self]) -> Self {
        let mut result = Self::default();
        for place in PLACES {
            let mut values: Vec<f64> = repetitions.iter().filter_map(|figures| *place(&mut figures.clone())).collect();
            *place(&mut result) = middle(&mut values);
        }
        result
    }

    /// Figure by figure, how many times the other one.
    pub(crate) fn over(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.clone(), other.clone());
        let mut result = Self::default();
        for place in PLACES {
            let divisor = place(&mut theirs).filter(|value| *value > 0.0);
            *place(&mut result) = place(&mut ours).zip(divisor).map(|(ours, theirs)| ours / theirs);
        }
        result
    }

    /// Adds the percentiles of measured times.
    pub(crate) fn with_times(mut self, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = (times.len() * percent / 100).min(times.len().checked_sub(1)?);
            Some(times[index].as_secs_f64() * 1e3)
        };
        (self.p50_ms, self.p99_ms) = (at(50), at(99));
        self.worst_ms = times.last().map(|worst| worst.as_secs_f64() * 1e3);
        self
    }

    /// A single duration, such as the time until everything was done.
    pub(crate) fn of_duration(took: Duration) -> Self {
        Self { p50_ms: Some(took.as_secs_f64() * 1e3), ..Self::default() }
    }

    /// Adds memory.
    pub(crate) fn with_memory(mut self, memory: Memory) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a KiB count is far below 2^52")]
        let kib = |kib: u64| Some(kib as f64);
        (self.rss_kib, self.pss_kib) = (kib(memory.rss), kib(memory.pss));
        self
    }
}

fn middle(values: &mut [f64]) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    let upper = *values.get(half)?;
    Some(if values.len().is_multiple_of(2) { f64::midpoint(values[half - 1], upper) } else { upper })
}

/// Measures a stretch of work on a server.
pub(crate) struct Meter {
    tree: Tree,
    cpu: Cpu,
    start: Instant,
}

impl Meter {
    /// Begins now.
    pub(crate) fn start(tree: Tree) -> Result<Self> {
        Ok(Self { tree, cpu: tree.cpu()?, start: Instant::now() })
    }

    /// Ends now: rate, CPU and memory for this many operations.
    pub(crate) fn stop(self, operations: usize) -> Result<Figures> {
        let seconds = self.start.elapsed().as_secs_f64();
        let cpu = self.tree.cpu()?.since(self.cpu);
        let operations = f64::from(u32::try_from(operations)?);
        let figures = Figures {
            operations: Some(operations),
            per_second: Some(operations / seconds),
            cpu_ms_per_1000: (operations > 0.0).then(|| cpu.as_secs_f64() * 1e6 / operations),
            ..Figures::default()
        };
        Ok(figures.with_memory(self.tree.memory()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(per_second: f64) -> Figures {
        Figures { per_second: Some(per_second), ..Figures::default() }
    }

    #[test]
    fn the_median_is_taken_figure_by_figure() {
        let mut odd = [rate(9.0), rate(1.0), rate(2.0)];
        odd[0].rss_kib = Some(5.0);
        let median = Figures::median(&odd);
        assert_eq!((median.per_second, median.rss_kib, median.p50_ms), (Some(2.0), Some(5.0), None));
        assert_eq!(Figures::median(&[rate(1.0), rate(2.0)]).per_second, Some(1.5));
        assert_eq!(Figures::median(&[]), Figures::default());
    }

    #[test]
    fn percentiles_of_times() {
        let times = (1..=100).map(Duration::from_millis).rev().collect();
        let figures = Figures::default().with_times(times);
        assert_eq!((figures.p50_ms, figures.p99_ms, figures.worst_ms), (Some(51.0), Some(100.0), Some(100.0)));
        assert_eq!(Figures::default().with_times(Vec::new()).p50_ms, None);
    }

    #[test]
    fn a_meter_counts_per_thousand_operations() {
        let figures = Meter::start(Tree { root: std::process::id() }).unwrap().stop(10).unwrap();
        assert_eq!(figures.operations, Some(10.0));
        assert!(figures.cpu_ms_per_1000.is_some() && figures.rss_kib.unwrap() > 0.0);
    }
}

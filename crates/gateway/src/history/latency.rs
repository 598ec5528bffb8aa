//! How long answers took, counted in buckets whose width is an eighth of their beginning.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Buckets of one doubling.
const EIGHTS: usize = 8;
/// From one microsecond to twelve days.
pub(super) const BUCKETS: usize = EIGHTS * 38;

/// Answers by how long they took. Many tasks count; nobody waits for anybody.
pub(crate) struct Latency {
    buckets: [AtomicU64; BUCKETS],
}

impl Default for Latency {
    fn default() -> Self {
        Self { buckets: std::array::from_fn(|_| AtomicU64::new(0)) }
    }
}

impl std::fmt::Debug for Latency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Latency")
    }
}

impl Latency {
    /// Counts `answers` that took so long.
    pub(crate) fn note(&self, answers: u64, took: std::time::Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(micros)].fetch_add(answers, Relaxed);
    }

    /// What was counted so far.
    pub(super) fn counted(&self) -> Box<Counts> {
        Box::new(Counts(std::array::from_fn(|at| self.buckets[at].load(Relaxed))))
    }
}

/// Answers of each bucket since the start.
#[derive(Clone, Debug)]
pub(super) struct Counts([u64; BUCKETS]);

impl Default for Counts {
    fn default() -> Self {
        Self([0; BUCKETS])
    }
}

impl Counts {
    /// The time, in microseconds, within which `percent` of the answers since `before` came, rounded up to the end of its
    /// bucket, which is an eighth at most. `None` when there was none.
    pub(super) fn within(&self, before: &Self, percent: u64) -> Option<u64> {
        let since = || self.0.iter().zip(&before.0).map(|(now, before)| now.saturating_sub(*before));
        let all: u64 = since().sum();
        let wanted = (all * percent).div_ceil(100).max(1);
        let mut seen = 0;
        since().enumerate().find_map(|(at, answers)| {
            seen += answers;
            (all > 0 && seen >= wanted).then(|| last(at))
        })
    }
}

/// The bucket of a time in microseconds.
fn bucket(micros: u64) -> usize {
    let small = EIGHTS as u64;
    let at = if micros < small {
        micros
    } else {
        let doubling = u64::from(micros.ilog2()) - 3;
        small * doubling + (micros >> doubling)
    };
    usize::try_from(at).unwrap_or(usize::MAX).min(BUCKETS - 1)
}

/// The longest time of a bucket, in microseconds.
fn last(bucket: usize) -> u64 {
    let at = bucket as u64;
    let small = EIGHTS as u64;
    if at < 2 * small {
        return at;
    }
    let doubling = at / small - 1;
    ((small + at % small + 1) << doubling) - 1
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_time_is_in_the_bucket_whose_end_is_next_and_at_most_an_eighth_away() {
        let mut before = None;
        for micros in (0..5000).chain((5000..40_000_000).step_by(977)) {
            let at = bucket(micros);
            let end = last(at);
            assert!(end >= micros && (end - micros) * 8 <= micros, "{micros} → {at} → {end}");
            assert!(at == 0 || last(at - 1) < micros, "{micros} → {at}");
            assert!(before <= Some(at));
            before = Some(at);
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn percentiles_are_of_what_came_in_between() {
        let latency = Latency::default();
        latency.note(50, Duration::from_secs(9));
        let before = latency.counted();
        assert_eq!(latency.counted().within(&before, 50), None, "nothing came");
        latency.note(98, Duration::from_micros(5));
        latency.note(2, Duration::from_millis(1));
        let now = latency.counted();
        assert_eq!(now.within(&before, 50), Some(5));
        assert_eq!(now.within(&before, 98), Some(5));
        assert_eq!(now.within(&before, 99), Some(1023));
        latency.note(1, Duration::MAX);
        assert_eq!(latency.counted().within(&now, 99), Some(last(BUCKETS - 1)));
    }
}

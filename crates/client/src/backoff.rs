//! How long to wait before the next attempt (SPEC-NOTES 5).

use std::time::Duration;

/// Waiting times between attempts; the last one repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// Waiting times in order. An empty list counts as the cap alone.
    pub steps: Vec<Duration>,
    /// Longest wait, jitter included.
    pub cap: Duration,
    /// Most jitter that is added, in percent of the step.
    pub jitter_percent: u32,
}

impl Default for Backoff {
    /// 1, 2, 4, 8, 16, 30, 30 … s with at most 10 % jitter, never above 30 s.
    fn default() -> Self {
        Self {
            steps: [1, 2, 4, 8, 16, 30].map(Duration::from_secs).to_vec(),
            cap: Duration::from_secs(30),
            jitter_percent: 10,
        }
    }
}

impl Backoff {
    /// The wait before attempt number `attempt`, counted from 0 for the first one after a loss. `random` is any number
    /// and decides the jitter, so that many clients do not come back at the same moment.
    #[must_use]
    pub fn delay(&self, attempt: u32, random: u64) -> Duration {
        let at = usize::try_from(attempt).unwrap_or(usize::MAX).min(self.steps.len().saturating_sub(1));
        let step = self.steps.get(at).copied().unwrap_or(self.cap);
        let most = step.as_micros() * u128::from(self.jitter_percent) / 100;
        let jitter = u128::from(random) * most / u128::from(u64::MAX);
        (step + Duration::from_micros(u64::try_from(jitter).unwrap_or(0))).min(self.cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_are_those_of_the_rule() {
        let waits: Vec<u64> = (0..8).map(|attempt| Backoff::default().delay(attempt, 0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(Backoff::default().delay(u32::MAX, 0), Duration::from_secs(30));
    }

    #[test]
    fn jitter_is_at_most_a_tenth_and_never_above_the_cap() {
        let backoff = Backoff::default();
        for attempt in 0..10 {
            let plain = backoff.delay(attempt, 0);
            for random in [1, 1 << 32, u64::MAX / 2, u64::MAX] {
                let wait = backoff.delay(attempt, random);
                assert!(wait >= plain && wait <= (plain * 11 / 10).min(Duration::from_secs(30)), "{attempt} {wait:?}");
            }
        }
        assert_eq!(backoff.delay(0, u64::MAX), Duration::from_millis(1100));
        assert_eq!(backoff.delay(5, u64::MAX), Duration::from_secs(30));
    }

    #[test]
    fn an_empty_list_waits_for_the_cap() {
        assert_eq!(Backoff { steps: Vec::new(), ..Backoff::default() }.delay(3, 7), Duration::from_secs(30));
    }
}

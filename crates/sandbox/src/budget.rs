//! How fast a program's output is taken. It may run into debt with one read, and then waits until that is paid.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Bytes that may be taken, refilled over time.
#[derive(Debug)]
pub(crate) struct Budget {
    per_second: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Bytes that may be taken at once; negative while in debt.
    left: f64,
    at: Instant,
}

impl Budget {
    /// `per_second` bytes, of which a quarter of a second's worth may come at once. 0 for no bound.
    pub(crate) fn new(per_second: u64, now: Instant) -> Self {
        Self { per_second, state: Mutex::new(State { left: Self::most(per_second), at: now }) }
    }

    #[expect(clippy::cast_precision_loss, reason = "a rate above 2^53 bytes a second is no bound anyway")]
    fn most(per_second: u64) -> f64 {
        per_second as f64 / 4.0
    }

    /// Takes `bytes` that were read, and says how long to wait before reading again.
    #[expect(clippy::cast_precision_loss, reason = "as above")]
    pub(crate) fn take(&self, bytes: usize, now: Instant) -> Duration {
        if self.per_second == 0 {
            return Duration::ZERO;
        }
        let rate = self.per_second as f64;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let earned = now.saturating_duration_since(state.at).as_secs_f64() * rate;
        state.left = (state.left + earned).min(Self::most(self.per_second)) - bytes as f64;
        state.at = now;
        if state.left >= 0.0 { Duration::ZERO } else { Duration::from_secs_f64(-state.left / rate) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_then_the_rate_holds() {
        let start = Instant::now();
        let budget = Budget::new(1000, start);
        assert_eq!(budget.take(250, start), Duration::ZERO);
        assert_eq!(budget.take(500, start), Duration::from_millis(500));
        assert_eq!(budget.take(0, start + Duration::from_millis(500)), Duration::ZERO);
        // What was not used is not saved beyond the burst.
        assert_eq!(budget.take(1250, start + Duration::from_secs(60)), Duration::from_secs(1));
        assert_eq!(Budget::new(0, start).take(usize::MAX, start), Duration::ZERO);
    }
}

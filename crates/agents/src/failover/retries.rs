//! The budget of repetitions that all runs share.

/// Repetitions that may come at once.
pub const MOST: u32 = 30;
/// How often one more is allowed, milliseconds.
pub const EVERY_MS: i64 = 1_000;

/// A token bucket. Asking what is known to fail takes a token, whoever does it, so that many runs together knock at a
/// provider that is down no harder than one; asking what is not known to fail is free.
#[derive(Clone, Debug)]
pub struct Retries {
    tokens: u32,
    counted_at: i64,
}

impl Retries {
    /// A full budget.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self { tokens: MOST, counted_at: now_ms }
    }

    /// Takes a token, when there is one.
    #[must_use = "without a token nothing may be repeated"]
    pub fn take(&mut self, now_ms: i64) -> bool {
        if now_ms < self.counted_at {
            // The clock was set back.
            self.counted_at = now_ms;
        }
        let earned = (now_ms - self.counted_at) / EVERY_MS;
        self.counted_at += earned * EVERY_MS;
        self.tokens = u32::try_from(earned).map_or(MOST, |earned| self.tokens.saturating_add(earned).min(MOST));
        self.tokens.checked_sub(1).map(|left| self.tokens = left).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_are_there_and_then_one_a_second() {
        let mut retries = Retries::new(0);
        assert_eq!((0..100).filter(|_| retries.take(0)).count(), MOST as usize);
        assert!(!retries.take(EVERY_MS - 1));
        assert!(retries.take(EVERY_MS) && !retries.take(EVERY_MS));
        assert_eq!((0..100).filter(|_| retries.take(1_000_000)).count(), MOST as usize, "never more than fit");
        assert!(!retries.take(-5), "a clock that was set back earns nothing");
        assert!(retries.take(-5 + EVERY_MS));
    }
}

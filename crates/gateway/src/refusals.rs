//! Keeps a storm of refusals from becoming a storm of writes: per source and reason ten records a minute (SPEC-NOTES 22).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Records per source and reason in a minute.
const PER_MINUTE: u32 = 10;
/// Sources that are counted; more than that are recorded together.
const SOURCES: usize = 4096;
const MINUTE_MS: i64 = 60_000;

/// Counts refusals.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    began: i64,
    counts: HashMap<String, u32>,
    left_out: u64,
}

impl Refusals {
    /// Whether this refusal gets a record of its own.
    pub(crate) fn should_record(&self, source: &str, now_ms: i64) -> bool {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now_ms - minute.began >= MINUTE_MS {
            minute.began = now_ms;
            minute.counts.clear();
        }
        let known = minute.counts.contains_key(source);
        if !known && minute.counts.len() >= SOURCES {
            minute.left_out += 1;
            return false;
        }
        let count = minute.counts.entry(source.to_owned()).or_default();
        *count += 1;
        let own = *count <= PER_MINUTE;
        if !own {
            minute.left_out += 1;
        }
        own
    }

    /// Refusals without a record of their own since the last time this was asked.
    pub(crate) fn take_left_out(&self) -> u64 {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner).left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_refusal_of_a_minute_is_only_counted() {
        let refusals = Refusals::default();
        let recorded = (0..25).filter(|_| refusals.should_record("1.2.3.4:auth.failure:token_mismatch", 1000)).count();
        assert_eq!((recorded, refusals.take_left_out(), refusals.take_left_out()), (10, 15, 0));
        assert!(refusals.should_record("5.6.7.8:auth.failure:token_mismatch", 1000));
        assert!(refusals.should_record("1.2.3.4:auth.failure:token_mismatch", 1000 + MINUTE_MS));
    }
}

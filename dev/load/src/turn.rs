//! What a chat turn is asked to do, carried inside the message's text, and when the model did it.
//!
//! The text reaches the fake model (through the gateway) and the `limit` server alike, so both stream the same.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

/// Most turns whose times are kept.
const KEPT: usize = 4096;
/// One token as the model writes it.
pub(crate) const TOKEN: &str = "lorem ";

/// An order for one turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Names the turn; also its idempotency key.
    pub(crate) run: String,
    /// Tokens to stream.
    pub(crate) tokens: u32,
    /// Time between two tokens, microseconds.
    pub(crate) pace_us: u64,
}

impl Turn {
    /// The message that orders it. Holds nothing that JSON escapes.
    pub(crate) fn message(&self) -> String {
        format!("[turn {} {} {}]", self.run, self.tokens, self.pace_us)
    }

    /// The last order in a text: a conversation repeats the earlier ones.
    pub(crate) fn find(text: &str) -> Option<Self> {
        let (_, rest) = text.rsplit_once("[turn ")?;
        let mut words = rest.split_once(']')?.0.split(' ');
        Some(Self {
            run: words.next()?.to_owned(),
            tokens: words.next()?.parse().ok()?,
            pace_us: words.next()?.parse().ok()?,
        })
    }

    /// When token number `index` is due, counted from the first.
    pub(crate) fn due(&self, index: u32) -> Duration {
        Duration::from_micros(self.pace_us) * index
    }
}

/// When the model worked on a turn, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Times {
    /// The request was read.
    pub(crate) received: u64,
    /// The first token was written.
    pub(crate) first: u64,
    /// The end of the stream was written.
    pub(crate) last: u64,
}

/// Times of turns, shared between the model's thread and the measurement.
#[derive(Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<HashMap<String, Times>>>);

impl Journal {
    /// Writes down a finished turn. Forgets everything when nobody collects.
    pub(crate) fn record(&self, run: String, times: Times) {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= KEPT {
            turns.clear();
        }
        turns.insert(run, times);
    }

    /// Takes out a turn.
    pub(crate) fn take(&self, run: &str) -> Option<Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(run)
    }
}

/// Microseconds since the epoch.
pub(crate) fn now_us() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "milliseconds, which the clock gives, are too coarse to measure with"
    )]
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_order_of_a_conversation_counts() {
        let turn = |run: &str| Turn { run: run.into(), tokens: 200, pace_us: 5000 };
        let text = format!("{} … {} tail", turn("a").message(), turn("b").message());
        assert_eq!(Turn::find(&text), Some(turn("b")));
        assert_eq!(turn("b").due(3), Duration::from_millis(15));
        for bad in ["", "[turn a]", "[turn a x 1]", "[turn a 1 2"] {
            assert_eq!(Turn::find(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_journal_is_bounded() {
        let journal = Journal::default();
        for run in 0..=KEPT {
            journal.record(run.to_string(), Times::default());
        }
        assert_eq!(journal.take("0"), None);
        assert_eq!(journal.take(&KEPT.to_string()), Some(Times::default()));
        assert_eq!(journal.take(&KEPT.to_string()), None);
    }
}

//! How often somebody may ask (SPEC-NOTES 23): the generic cell rate algorithm over a bounded table, the time passed in.
//!
//! Why not the crate `governor`: what `skipSuccessfulRequests` and `skipFailedRequests` promise is known only when a request
//! is over, so a charge must be taken back, several limits must be charged together or not at all, and the table must not
//! grow with the number of callers. None of the three can be done over its keyed store.

use std::{collections::HashMap, sync::Arc};

/// Callers that are remembered. When there are more, those go whose memory would end first.
pub const MAX_KEYS: usize = 10_000;
/// Bytes of a name that tell callers apart.
const NAME_BYTES: usize = 256;
const NS_PER_MS: i64 = 1_000_000;

/// So many requests within so much time: all of them at once, or spread over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The window, milliseconds.
    pub window_ms: u64,
    /// Requests within it.
    pub max_requests: u32,
    /// Requests that succeed are not counted.
    pub skip_successful: bool,
    /// Requests that fail are not counted.
    pub skip_failed: bool,
}

impl Rate {
    fn window_ns(self) -> i64 {
        i64::try_from(self.window_ms).unwrap_or(i64::MAX).clamp(1, i64::MAX / 8 / NS_PER_MS) * NS_PER_MS
    }

    /// What a cost takes of the window. A cost above the whole limit is the whole limit, so that nothing is impossible.
    fn share_ns(self, cost: u32) -> i64 {
        let most = self.max_requests.max(1);
        let share = i128::from(self.window_ns()) * i128::from(cost.min(most)) / i128::from(most);
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

/// Which limit, and whose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Everybody together.
    Global,
    /// One user.
    User(Arc<str>),
    /// One channel.
    Channel(Arc<str>),
    /// One user with a role, by the role's limit.
    Role(Arc<str>, Arc<str>),
    /// One user with a command.
    Command(Arc<str>, Arc<str>),
    /// The messages of one user, by its restrictions.
    Messages(Arc<str>),
}

impl Key {
    /// A name as the table keeps it.
    #[must_use]
    pub fn name(text: &str) -> Arc<str> {
        text.get(..text.floor_char_boundary(NAME_BYTES)).unwrap_or_default().into()
    }
}

/// A limit that a request counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which, and whose.
    pub key: Key,
    /// How much it allows.
    pub rate: Rate,
    /// How often the request counts.
    pub cost: u32,
}

impl Charge {
    /// When everything would be forgotten if it were counted now. A clock that was put back locks nobody out for longer than the
    /// window.
    fn after(&self, full_at: Option<&i64>, now: i64) -> i64 {
        let known = full_at.copied().unwrap_or(now);
        known.clamp(now, now.saturating_add(self.rate.window_ns())).saturating_add(self.rate.share_ns(self.cost))
    }
}

/// A request that comes too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany {
    /// Which of the charges does not fit; of several the one that takes longest.
    pub at: usize,
    /// When it would fit, milliseconds from now; at least 1.
    pub retry_after_ms: u64,
}

/// Counts requests.
#[derive(Debug, Default)]
pub struct Limiter {
    /// For each key the time, in nanoseconds, at which nothing of it is remembered any more.
    full_at: HashMap<Key, i64>,
}

impl Limiter {
    /// Nothing counted yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Keys that are remembered, for the metrics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.full_at.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.full_at.is_empty()
    }

    /// Counts a request against all of its limits, or against none when one of them is used up. Tells for each of them when time
    /// alone will have taken it back, nanoseconds.
    ///
    /// # Errors
    /// Which limit, and how long to wait.
    pub fn take(&mut self, charges: &[Charge], now_ms: i64) -> Result<Vec<i64>, TooMany> {
        let now = now_ms.saturating_mul(NS_PER_MS);
        let mut refusal: Option<TooMany> = None;
        for (at, charge) in charges.iter().enumerate() {
            let over = charge
                .after(self.full_at.get(&charge.key), now)
                .saturating_sub(now)
                .saturating_sub(charge.rate.window_ns());
            if over > 0 {
                let retry_after_ms = u64::try_from(over).unwrap_or_default().div_ceil(NS_PER_MS.unsigned_abs()).max(1);
                if refusal.is_none_or(|known| known.retry_after_ms < retry_after_ms) {
                    refusal = Some(TooMany { at, retry_after_ms });
                }
            }
        }
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let mut ends = Vec::with_capacity(charges.len());
        for charge in charges {
            // Finding a key is what a count costs most.
            let after = match self.full_at.get_mut(&charge.key) {
                Some(full_at) => {
                    *full_at = charge.after(Some(full_at), now);
                    *full_at
                }
                None => {
                    self.make_room(now);
                    let after = charge.after(None, now);
                    self.full_at.insert(charge.key.clone(), after);
                    after
                }
            };
            ends.push(after);
        }
        Ok(ends)
    }

    /// Takes back what a request counted that is now known not to count: what time has not taken back by itself, so that nothing
    /// of later requests goes with it. `ends` is what [`Limiter::take`] told.
    pub fn give_back(&mut self, charge: &Charge, ends: i64, now_ms: i64) {
        let left = ends.saturating_sub(now_ms.saturating_mul(NS_PER_MS)).clamp(0, charge.rate.share_ns(charge.cost));
        if let Some(full_at) = self.full_at.get_mut(&charge.key) {
            *full_at = full_at.saturating_sub(left);
        }
    }

    /// Makes room for one more: first what is forgotten anyway, then an eighth of the rest, so that a flood of names costs
    /// little for each. Whoever has used up the most is remembered longest.
    fn make_room(&mut self, now: i64) {
        if self.full_at.len() < MAX_KEYS {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() < MAX_KEYS {
            return;
        }
        let mut times: Vec<i64> = self.full_at.values().copied().collect();
        let (_, bound, _) = times.select_nth_unstable(MAX_KEYS / 8);
        let (bound, mut leave) = (*bound, MAX_KEYS / 8);
        self.full_at.retain(|_, full_at| {
            let goes = *full_at <= bound && leave > 0;
            leave -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests;

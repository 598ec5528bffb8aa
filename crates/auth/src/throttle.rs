//! Slows down guessing: wrong credentials are counted per source and class (PROTOCOL §4.1, SECURITY §3.1).

use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv6Addr},
};

use crate::{
    Decision, Refusal,
    attempt::{Attempt, CredentialClass},
};

/// First delay of a wrong answer on direct loopback, milliseconds; it doubles with each failure.
pub const FIRST_DELAY_MS: u64 = 250;
/// Longest delay, milliseconds.
pub const LONGEST_DELAY_MS: u64 = 5_000;
/// Most sources that are remembered; those whose memory would end first make room.
pub const MAX_SOURCES: usize = 4_096;
/// Most failures that are remembered per source and class, whatever the setting.
const MAX_ATTEMPTS: usize = 1_000;

/// `gateway.auth.rateLimit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleSettings {
    /// `maxAttempts`: failures within the window that lock.
    pub max_attempts: usize,
    /// `windowMs`: how long a failure counts.
    pub window_ms: i64,
    /// `lockoutMs`: how long the lock holds.
    pub lockout_ms: i64,
    /// `exemptLoopback`: direct loopback without `Origin` is delayed, never locked.
    pub exempt_loopback: bool,
}

impl Default for ThrottleSettings {
    fn default() -> Self {
        Self { max_attempts: 10, window_ms: 60_000, lockout_ms: 300_000, exempt_loopback: true }
    }
}

/// Where an attempt comes from, as far as guessing is concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A program on this machine: delayed, not locked.
    Loopback,
    /// A web page in a browser on this machine.
    Origin(String),
    /// An address; of IPv6 the first 64 bits, because one host has all of them.
    Address(IpAddr),
}

impl Source {
    /// Bytes of an origin that tell pages apart.
    const ORIGIN_BYTES: usize = 256;

    /// The source of an attempt.
    #[must_use]
    pub fn of(attempt: &Attempt<'_>) -> Self {
        let address = attempt.transport.peer_ip.to_canonical();
        match attempt.transport.origin {
            None if attempt.is_direct() => Self::Loopback,
            Some(origin) if address.is_loopback() => {
                Self::Origin(origin.chars().take(Self::ORIGIN_BYTES).collect::<String>().to_ascii_lowercase())
            }
            _ => Self::Address(match address {
                IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
                v4 @ IpAddr::V4(_) => v4,
            }),
        }
    }
}

/// Whether an attempt may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// At once.
    Open,
    /// Yes, but a refusal is answered only after so many milliseconds.
    Delay(u64),
    /// No.
    Locked {
        /// Rest of the lock-out, milliseconds.
        retry_after_ms: u64,
    },
}

#[derive(Debug, Default)]
struct Failures {
    times: VecDeque<i64>,
    locked_until: Option<i64>,
}

impl Failures {
    fn forget(&mut self, now_ms: i64, window_ms: i64) {
        if self.locked_until.is_some_and(|until| until <= now_ms) {
            *self = Self::default();
        }
        while self.times.front().is_some_and(|time| now_ms.saturating_sub(*time) >= window_ms) {
            self.times.pop_front();
        }
    }

    fn ends_at(&self, window_ms: i64) -> i64 {
        let last = self.times.back().map_or(i64::MIN, |time| time.saturating_add(window_ms));
        self.locked_until.map_or(last, |until| until.max(last))
    }
}

/// Counts wrong credentials. Its owner calls [`Throttle::gate`] before each decision and [`Throttle::settle`] after it.
#[derive(Debug)]
pub struct Throttle {
    settings: ThrottleSettings,
    sources: HashMap<(Source, CredentialClass), Failures>,
}

impl Throttle {
    /// Nothing counted yet.
    #[must_use]
    pub fn new(settings: ThrottleSettings) -> Self {
        Self { settings, sources: HashMap::new() }
    }

    /// Follows a change of the configuration; what was counted stays.
    pub fn configure(&mut self, settings: ThrottleSettings) {
        self.settings = settings;
    }

    /// Sources that are remembered, for the metrics.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// Whether this source may try this class of credential: open or locked.
    pub fn check(&mut self, source: &Source, class: CredentialClass, now_ms: i64) -> Gate {
        let key = (source.clone(), class);
        let Some(failures) = self.sources.get_mut(&key) else { return Gate::Open };
        failures.forget(now_ms, self.settings.window_ms);
        match failures.locked_until {
            Some(until) => Gate::Locked { retry_after_ms: until.saturating_sub(now_ms).unsigned_abs() },
            None if failures.times.is_empty() => {
                self.sources.remove(&key);
                Gate::Open
            }
            None => Gate::Open,
        }
    }

    /// Counts a wrong credential. Returns what it costs: nothing, a delayed answer, or the lock that it completed.
    pub fn failed(&mut self, source: &Source, class: CredentialClass, now_ms: i64) -> Gate {
        let key = (source.clone(), class);
        if !self.sources.contains_key(&key) {
            self.make_room(now_ms);
        }
        let ThrottleSettings { max_attempts, window_ms, lockout_ms, exempt_loopback } = self.settings;
        let limit = max_attempts.clamp(1, MAX_ATTEMPTS);
        let failures = self.sources.entry(key).or_default();
        failures.forget(now_ms, window_ms);
        if failures.times.len() == limit {
            failures.times.pop_front();
        }
        failures.times.push_back(now_ms);
        if *source == Source::Loopback && exempt_loopback {
            let doublings = u32::try_from(failures.times.len() - 1).unwrap_or(u32::MAX).min(10);
            return Gate::Delay((FIRST_DELAY_MS << doublings).min(LONGEST_DELAY_MS));
        }
        if failures.times.len() < limit {
            return Gate::Open;
        }
        failures.locked_until = Some(now_ms.saturating_add(lockout_ms));
        Gate::Locked { retry_after_ms: lockout_ms.max(0).unsigned_abs() }
    }

    /// Forgets the failures of a source with a class that it has now proven to hold.
    pub fn succeeded(&mut self, source: &Source, class: CredentialClass) {
        self.sources.remove(&(source.clone(), class));
    }

    /// To be asked before [`crate::decide`]: looks at every class of credential that the attempt carries, so that no
    /// further field can take an attempt past the count.
    ///
    /// `Some` is the refusal to answer with while any of them is locked, even when the credential would be right.
    #[must_use]
    pub fn gate(&mut self, attempt: &Attempt<'_>, now_ms: i64) -> Option<Refusal> {
        let source = Source::of(attempt);
        let longest = attempt
            .classes()
            .filter_map(|class| match self.check(&source, class, now_ms) {
                Gate::Locked { retry_after_ms } => Some(retry_after_ms),
                Gate::Open | Gate::Delay(_) => None,
            })
            .max();
        longest.map(|retry_after_ms| Refusal::rate_limited(attempt, retry_after_ms))
    }

    /// To be told the decision: counts or forgets. Returns how long to wait before the answer is sent, milliseconds.
    pub fn settle(&mut self, attempt: &Attempt<'_>, decision: &Decision, now_ms: i64) -> u64 {
        let source = Source::of(attempt);
        if let Decision::Accept(admission) = decision
            && let Some(class) = admission.auth_method.class()
        {
            self.succeeded(&source, class);
        }
        if matches!(decision, Decision::Accept(_)) && attempt.credentials.passkey.verified().is_some() {
            self.succeeded(&source, CredentialClass::Passkey);
        }
        match decision.counts_as_failure().map(|class| self.failed(&source, class, now_ms)) {
            Some(Gate::Delay(ms)) => ms,
            Some(Gate::Open | Gate::Locked { .. }) | None => 0,
        }
    }

    fn make_room(&mut self, now_ms: i64) {
        if self.sources.len() < MAX_SOURCES {
            return;
        }
        let window_ms = self.settings.window_ms;
        self.sources.retain(|_, failures| failures.ends_at(window_ms) > now_ms);
        if self.sources.len() < MAX_SOURCES {
            return;
        }
        // An eighth at once: a search of the whole table for each stranger would be work that strangers make.
        let mut ends: Vec<i64> = self.sources.values().map(|failures| failures.ends_at(window_ms)).collect();
        let (_, bound, _) = ends.select_nth_unstable(MAX_SOURCES / 8);
        let (bound, mut leave) = (*bound, MAX_SOURCES / 8);
        self.sources.retain(|_, failures| {
            let goes = failures.ends_at(window_ms) <= bound && leave > 0;
            leave -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests;

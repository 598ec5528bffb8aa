//! Which places are left alone, and until when.

use std::{collections::HashMap, time::Duration};

use super::{place::Place, reason::Reason};

/// Places that are remembered at most; the one that is free soonest is forgotten first.
pub const MOST_PLACES: usize = 4_096;
/// The longest wait that a provider may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// The shortest: a provider that says "now" is still one that has just refused.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);
/// How long after its end a cooldown still counts when the next one is measured, milliseconds.
const FORGET_MS: i64 = 60 * 60 * 1_000;
/// How long the first to come after a cooldown has the place for itself, milliseconds.
const TRIAL_MS: i64 = 30_000;

/// Why a place is left alone, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Why.
    pub reason: Reason,
    /// Until when, milliseconds since the epoch.
    pub until: i64,
    /// Whether the provider itself asked for it. Such a wait is kept even when there is nobody else to ask.
    pub ordered: bool,
}

#[derive(Clone, Debug)]
struct Cooldown {
    reason: Reason,
    failures: u32,
    since: i64,
    until: i64,
    ordered: bool,
    /// Somebody tries whether it is well again, and has until then.
    trial_until: i64,
}

impl Cooldown {
    fn blocked(&self, now: i64) -> Option<Blocked> {
        // Before its own beginning the clock was set back, and nothing is known of when it ends.
        let until = if now < self.since {
            return None;
        } else if now < self.until {
            self.until
        } else {
            self.trial_until
        };
        let ordered = self.ordered && now < self.until;
        (now < until).then_some(Blocked { reason: self.reason, until, ordered })
    }
}

/// What failed, by place. Pure: the time comes with each call.
#[derive(Clone, Debug, Default)]
pub struct Cooldowns {
    places: HashMap<Place, Cooldown>,
}

impl Cooldowns {
    /// Whether a key and model are left alone, by what is known of them and of everything they are part of: the latest
    /// end of all.
    #[must_use]
    pub fn blocked(&self, spot: &Place, now: i64) -> Option<Blocked> {
        let all = spot.widenings();
        let blocked = all.iter().filter_map(|place| self.places.get(place)?.blocked(now));
        blocked.reduce(|one, other| {
            let later = if other.until > one.until { other } else { one };
            Blocked { ordered: one.ordered || other.ordered, ..later }
        })
    }

    /// What is known of exactly this place.
    #[must_use]
    pub fn exactly(&self, place: &Place, now: i64) -> Option<Blocked> {
        self.places.get(place)?.blocked(now)
    }

    /// Places that are left alone now.
    pub fn all(&self, now: i64) -> impl Iterator<Item = (&Place, Blocked)> {
        self.places.iter().filter_map(move |(place, cooldown)| Some((place, cooldown.blocked(now)?)))
    }

    /// A key and model are asked. Where a cooldown has ended, others keep away until the outcome is known.
    pub fn begin(&mut self, spot: &Place, now: i64) {
        for place in spot.widenings() {
            if let Some(cooldown) = self.places.get_mut(&place).filter(|cooldown| cooldown.until <= now) {
                cooldown.trial_until = now.saturating_add(TRIAL_MS);
            }
        }
    }

    /// They answer: whatever was known against them is forgotten.
    pub fn succeeded(&mut self, spot: &Place) {
        for place in spot.widenings() {
            self.places.remove(&place);
        }
    }

    /// They failed. Returns until when the place that the failure is about is left alone.
    pub fn failed(&mut self, spot: &Place, reason: Reason, wait: Option<Duration>, now: i64) -> Option<i64> {
        let rule = reason.rule();
        let cooling = rule.cooling?;
        let place = spot.widened(rule.scope);
        let known = self.places.get(&place).filter(|known| now.saturating_sub(known.until) <= FORGET_MS);
        let failures = known.map_or(0, |known| known.failures).saturating_add(1);
        let doubled = || {
            let factor = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
            cooling.first.saturating_mul(factor).min(cooling.longest)
        };
        let length = wait.map_or_else(doubled, |wait| wait.max(SHORTEST_WAIT));
        let length = i64::try_from(length.min(LONGEST_WAIT).as_millis()).unwrap_or(i64::MAX);
        let until = now.saturating_add(length);
        if !self.places.contains_key(&place) {
            self.make_room(now);
        }
        let cooldown = Cooldown { reason, failures, since: now, until, ordered: wait.is_some(), trial_until: until };
        self.places.insert(place, cooldown);
        Some(until)
    }

    fn make_room(&mut self, now: i64) {
        if self.places.len() < MOST_PLACES {
            return;
        }
        self.places.retain(|_, cooldown| now.saturating_sub(cooldown.until) <= FORGET_MS);
        if self.places.len() >= MOST_PLACES {
            let soonest = self.places.iter().min_by_key(|(_, cooldown)| cooldown.until).map(|(place, _)| place.clone());
            soonest.map(|place| self.places.remove(&place));
        }
    }
}

#[cfg(test)]
mod tests;

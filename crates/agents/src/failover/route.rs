//! One run's way through models and keys: a state machine without input, output or clock.

use std::time::Duration;

use super::{
    cooldowns::{Blocked, Cooldowns},
    place::Place,
    reason::{Reason, Then},
    retries::Retries,
};

/// Attempts of one run, all models and keys together.
pub const MOST_ATTEMPTS: u32 = 8;
/// How long one run waits, all waits together, for a place that the provider asked to be left alone.
pub const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The pause before the same is asked again.
pub const PAUSE: Duration = Duration::from_millis(400);

/// What all runs know together.
#[derive(Clone, Debug)]
pub struct Book {
    /// Which places are left alone.
    pub cooldowns: Cooldowns,
    /// What may be repeated.
    pub retries: Retries,
}

impl Book {
    /// Nothing known yet.
    #[must_use]
    pub fn new(now_ms: i64) -> Self {
        Self { cooldowns: Cooldowns::default(), retries: Retries::new(now_ms) }
    }
}

/// What a run does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// Asks a candidate with one of its keys, after a pause.
    Ask {
        /// Which candidate, counted from 0 in the order of preference.
        candidate: usize,
        /// Which of its keys, counted from 0.
        key: usize,
        /// What to wait first.
        pause: Duration,
        /// Set when another candidate was to be asked before.
        instead: Option<Left>,
    },
    /// Waits, then looks again.
    Wait(Duration),
    /// Ends without an answer.
    GiveUp(GaveUp),
}

/// Why a candidate was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Which one.
    pub candidate: usize,
    /// Why.
    pub reason: Reason,
    /// Until when it is left alone, milliseconds since the epoch; nothing when no time is set.
    pub until: Option<i64>,
}

/// Why a run ends without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GaveUp {
    /// Every model and key was asked or must be left alone; the latter until then, the first of them.
    NobodyLeft {
        /// Milliseconds since the epoch.
        free_at: Option<i64>,
    },
    /// [`MOST_ATTEMPTS`] were made.
    Attempts,
    /// Too much is being repeated by all runs together.
    Storm,
    /// What one provider refuses, no other is asked for.
    Final,
    /// It broke after something of it was seen, so that no other answer can take its place.
    Broke,
}

/// How far an answer had come when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing that anybody saw.
    Nothing,
    /// Some of it, so that another answer could not take its place.
    Something,
}

/// The way of one run.
#[derive(Clone, Debug)]
pub struct Route {
    /// By candidate, in the order of preference; by key, in the order in which they are asked.
    spots: Vec<Vec<(usize, Place)>>,
    at: Option<(usize, usize)>,
    asked: u32,
    waited: Duration,
    again: Again,
    over: bool,
    /// What this run is done with.
    spoiled: Vec<Place>,
    tried: Vec<Place>,
    left: Option<Left>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Unused,
    Due,
    Used,
}

impl Route {
    /// A way through these candidates and their keys. `sticky` picks the key that is asked first, so that the same number
    /// gives the same key: a conversation stays with the key whose cache knows it. A candidate without places cannot be
    /// asked and is passed over.
    #[must_use]
    pub fn new(candidates: Vec<Vec<Place>>, sticky: u64) -> Self {
        let turned = |places: Vec<Place>| {
            let first = sticky.checked_rem(places.len() as u64).and_then(|first| usize::try_from(first).ok());
            let mut spots: Vec<_> = places.into_iter().enumerate().collect();
            spots.rotate_left(first.unwrap_or(0));
            spots
        };
        Self {
            spots: candidates.into_iter().map(turned).collect(),
            at: None,
            asked: 0,
            waited: Duration::ZERO,
            again: Again::Unused,
            over: false,
            spoiled: Vec::new(),
            tried: Vec::new(),
            left: None,
        }
    }

    /// How many attempts were begun.
    #[must_use]
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// What to do now: the first key of the first model that nothing is known against; else the first that was not tried
    /// yet, as far as its provider did not ask to be left alone; else wait for whoever asked for it, if that is not long.
    pub fn next(&mut self, book: &mut Book, now: i64) -> Move {
        if self.over {
            return Move::GiveUp(GaveUp::Final);
        }
        if let (Again::Due, Some((candidate, spot))) = (self.again, self.at) {
            self.again = Again::Used;
            self.asked += 1;
            let key = self.spots[candidate][spot].0;
            return Move::Ask { candidate, key, pause: PAUSE, instead: None };
        }
        if self.asked >= MOST_ATTEMPTS {
            return Move::GiveUp(GaveUp::Attempts);
        }
        let (mut untried, mut blocked) = (None, Vec::new());
        for (candidate, spots) in self.spots.iter().enumerate() {
            for (spot, (_, place)) in spots.iter().enumerate() {
                if self.spoiled.iter().any(|spoiled| spoiled.contains(place)) {
                    continue;
                }
                let Some(found) = book.cooldowns.blocked(place, now) else {
                    return self.ask(candidate, spot, &blocked, book, now);
                };
                if untried.is_none() && !found.ordered && !self.tried.contains(place) {
                    untried = Some((candidate, spot));
                }
                blocked.push((candidate, found));
            }
        }
        let storm = match untried {
            Some((candidate, spot)) if book.retries.take(now) => return self.ask(candidate, spot, &blocked, book, now),
            untried => untried.is_some(),
        };
        let ordered = blocked.iter().filter(|(_, found)| found.ordered).map(|(_, found)| found.until).min();
        let wait = ordered.and_then(|until| u64::try_from(until - now).ok()).map(Duration::from_millis);
        if let Some(wait) = wait.filter(|wait| self.waited + *wait <= LONGEST_WAIT) {
            self.waited += wait;
            return Move::Wait(wait);
        }
        let free_at = blocked.iter().map(|(_, found)| found.until).min();
        Move::GiveUp(if storm { GaveUp::Storm } else { GaveUp::NobodyLeft { free_at } })
    }

    fn ask(&mut self, candidate: usize, spot: usize, blocked: &[(usize, Blocked)], book: &mut Book, now: i64) -> Move {
        let before = self.at.map_or(0, |(before, _)| before);
        let instead = (candidate != before).then(|| {
            let skipped = || {
                let found = blocked.iter().find(|(skipped, _)| *skipped == before)?.1;
                Some(Left { candidate: before, reason: found.reason, until: Some(found.until) })
            };
            let unknown = Left { candidate: before, reason: Reason::Settings, until: None };
            self.left.or_else(skipped).unwrap_or(unknown)
        });
        let (key, place) = &self.spots[candidate][spot];
        book.cooldowns.begin(place, now);
        self.tried.push(place.clone());
        self.at = Some((candidate, spot));
        self.asked += 1;
        self.again = Again::Unused;
        Move::Ask { candidate, key: *key, pause: Duration::ZERO, instead }
    }

    /// What was asked last answers.
    pub fn succeeded(&mut self, book: &mut Book) {
        if let Some((candidate, spot)) = self.at {
            book.cooldowns.succeeded(&self.spots[candidate][spot].1);
        }
    }

    /// What was asked last failed. Returns until when it is left alone, when it is.
    pub fn failed(
        &mut self,
        book: &mut Book,
        reason: Reason,
        wait: Option<Duration>,
        seen: Seen,
        now: i64,
    ) -> Option<i64> {
        let (candidate, spot) = self.at?;
        let rule = reason.rule();
        self.over = seen == Seen::Something || rule.then == Then::Stop;
        let again = rule.then == Then::Again && wait.is_none() && self.again == Again::Unused && !self.over;
        if again && self.asked < MOST_ATTEMPTS && book.retries.take(now) {
            self.again = Again::Due;
            return None;
        }
        let place = &self.spots[candidate][spot].1;
        let until = book.cooldowns.failed(place, reason, wait, now);
        if wait.is_none() || until.is_none() {
            self.spoiled.push(place.widened(rule.scope));
        }
        self.left = Some(Left { candidate, reason, until });
        until
    }
}

#[cfg(test)]
mod tests;

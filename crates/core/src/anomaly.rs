//! What is unusual in a figure that is counted over time. Pure: the time is passed in, and what is kept is bounded.
//!
//! A window slides over what is counted. What is expected is the median of whole windows that passed, and how far a figure usually
//! strays is their median deviation: both stay what they are while less than half of the past was unusual.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Parts that a window consists of. A figure is late by one of them at most.
const SLICES: i64 = 12;
/// Whole windows that are remembered: a week of hours.
const REMEMBERED: usize = 168;
/// Whole windows that must have passed before anything is called unusual.
pub const LEARNED: usize = 4;
/// From so many spreads on the score is 1.
const CERTAIN: f64 = 100.0;
/// What the median deviation is multiplied with to be a standard deviation where values are spread normally.
const NORMAL: f64 = 1.4826;

/// What a figure's values in one window make together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Their sum, for things that happen.
    Sum,
    /// The highest of them, for things that are so and so big.
    Highest,
}

/// How a figure is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Length of the window, milliseconds.
    pub window_ms: i64,
    /// The score from which on it is unusual, 0 to 1.
    pub threshold: f64,
    /// What values make together.
    pub together: Together,
    /// The least spread: differences of this size say nothing, however even the past was.
    pub least_spread: f64,
    /// The same as a part of what is expected.
    pub least_share: f64,
}

/// Why something is unusual, in figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// What past windows let expect.
    pub expected: f64,
    /// How far that usually strays.
    pub spread: f64,
    /// What was seen.
    pub seen: f64,
    /// How unusual that is, 0 to 1.
    pub score: f64,
    /// Over which time, milliseconds.
    pub window_ms: i64,
    /// How many windows the expectation rests on.
    pub past: usize,
}

/// What a look at a figure says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Too little is known yet.
    Learning,
    /// As usual.
    Usual,
    /// It became unusual just now.
    Began(Explanation),
    /// It still is.
    Lasts(Explanation),
    /// It was unusual and is as usual again, for a whole window.
    Over(Explanation),
}

/// One figure.
#[derive(Clone, Debug)]
pub struct Detector {
    settings: Settings,
    /// Slices of the window that slides, by number; the newest last.
    slices: VecDeque<(i64, f64)>,
    /// What whole windows came to, oldest first.
    past: VecDeque<f64>,
    /// The slice with which the whole window began that is not over.
    began: Option<i64>,
    /// While it is unusual: when it was so last.
    unusual_at: Option<i64>,
    /// The latest time that was told.
    now_ms: i64,
}

impl Detector {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let settings = Settings { window_ms: settings.window_ms.max(SLICES), ..settings };
        Self {
            settings,
            slices: VecDeque::new(),
            past: VecDeque::new(),
            began: None,
            unusual_at: None,
            now_ms: i64::MIN,
        }
    }

    /// How it judges.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Judges by another threshold from now on, by what it has learned.
    pub const fn judge_by(&mut self, threshold: f64) {
        self.settings.threshold = threshold;
    }

    /// Whole windows that it remembers.
    #[must_use]
    pub fn past(&self) -> usize {
        self.past.len()
    }

    /// Takes a value that belongs to now.
    pub fn note(&mut self, now_ms: i64, value: f64) {
        let slice = self.pass(now_ms);
        let value = if value.is_finite() { value.max(0.0) } else { 0.0 };
        let together = self.settings.together;
        match self.slices.back_mut() {
            Some((number, kept)) if *number == slice => *kept = join(together, *kept, value),
            _ => self.slices.push_back((slice, value)),
        }
    }

    /// Looks at it.
    pub fn look(&mut self, now_ms: i64) -> Verdict {
        self.pass(now_ms);
        if self.past.len() < LEARNED {
            return Verdict::Learning;
        }
        let explained = self.explain();
        if explained.seen > explained.expected && explained.score >= self.settings.threshold {
            let began = self.unusual_at.is_none();
            self.unusual_at = Some(self.now_ms);
            return if began { Verdict::Began(explained) } else { Verdict::Lasts(explained) };
        }
        match self.unusual_at {
            // One that comes and goes within a window is one.
            Some(at) if self.now_ms - at < self.settings.window_ms => Verdict::Lasts(explained),
            Some(_) => {
                self.unusual_at = None;
                Verdict::Over(explained)
            }
            None => Verdict::Usual,
        }
    }

    /// Lets time pass, and tells the slice that it is now.
    fn pass(&mut self, now_ms: i64) -> i64 {
        // A clock that was put back stands still until it is there again.
        let asleep =
            self.began.is_some() && now_ms.saturating_sub(self.now_ms) > self.settings.window_ms.saturating_mul(2);
        self.now_ms = self.now_ms.max(now_ms);
        let slice = self.now_ms.div_euclid(self.settings.window_ms / SLICES);
        if asleep {
            // Nothing was counted meanwhile, which is not the same as nothing having happened.
            self.slices.clear();
            self.began = None;
        }
        let began = *self.began.get_or_insert(slice);
        let windows = (slice - began) / SLICES;
        for at in 0..windows {
            let first = began + at * SLICES;
            let value = self.together(first, first + SLICES);
            self.past.push_back(value);
            if self.past.len() > REMEMBERED {
                self.past.pop_front();
            }
        }
        self.began = Some(began + windows * SLICES);
        // The window that slides, and what of the whole one has passed.
        let oldest = (slice - SLICES + 1).min(began + windows * SLICES);
        while self.slices.front().is_some_and(|(number, _)| *number < oldest) {
            self.slices.pop_front();
        }
        slice
    }

    fn together(&self, from: i64, until: i64) -> f64 {
        let inside = self.slices.iter().filter(|(number, _)| (from..until).contains(number));
        inside.fold(0.0, |sum, (_, value)| join(self.settings.together, sum, *value))
    }

    fn explain(&self) -> Explanation {
        let settings = &self.settings;
        let slice = self.now_ms.div_euclid(settings.window_ms / SLICES);
        let seen = self.together(slice - SLICES + 1, slice + 1);
        let expected = median(self.past.iter().copied());
        let strays = NORMAL * median(self.past.iter().map(|value| (value - expected).abs()));
        // What happens by chance alone strays by the root of how often it happens.
        let chance = match settings.together {
            Together::Sum => expected.sqrt(),
            Together::Highest => 0.0,
        };
        let least = settings.least_spread.max(settings.least_share * expected).max(f64::MIN_POSITIVE);
        let spread = strays.max(chance).max(least);
        let away = ((seen - expected) / spread).max(0.0);
        let score = if away >= CERTAIN { 1.0 } else { away / (1.0 + away) };
        Explanation { expected, spread, seen, score, window_ms: settings.window_ms, past: self.past.len() }
    }
}

fn join(together: Together, one: f64, other: f64) -> f64 {
    match together {
        Together::Sum => one + other,
        Together::Highest => one.max(other),
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => values[middle],
        _ => f64::midpoint(values[middle - 1], values[middle]),
    }
}

#[cfg(test)]
mod tests;

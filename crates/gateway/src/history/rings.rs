//! What is remembered: every ten seconds for an hour, every minute for a day. Pure; the time and what is counted are passed in.

use std::collections::VecDeque;

use super::latency::Counts;

/// Milliseconds between two looks, which is the finer step.
pub(super) const FINE_MS: i64 = 10_000;
/// The coarser step.
pub(super) const COARSE_MS: i64 = 60_000;
/// Samples that are kept of each.
pub(super) const FINE_KEPT: i64 = 360;
pub(super) const COARSE_KEPT: i64 = 1440;

/// What only grows, as it stands at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Totals {
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) events: u64,
    pub(super) runs: u64,
    pub(super) tokens_read: u64,
    pub(super) tokens_written: u64,
    /// US dollars.
    pub(super) cost: f64,
}

/// What goes up and down, as it stands at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Levels {
    pub(super) connections: u32,
    pub(super) runs_active: u32,
    /// `None` where the system does not tell.
    pub(super) memory_kib: Option<u32>,
    /// How late the gateway's own alarm rang, microseconds.
    pub(super) lag_us: u32,
}

impl Levels {
    fn highest(self, other: Self) -> Self {
        Self {
            connections: self.connections.max(other.connections),
            runs_active: self.runs_active.max(other.runs_active),
            memory_kib: self.memory_kib.max(other.memory_kib),
            lag_us: self.lag_us.max(other.lag_us),
        }
    }
}

/// One look at everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Look {
    /// Milliseconds since the epoch.
    pub(super) at: i64,
    pub(super) totals: Totals,
    pub(super) levels: Levels,
    pub(super) answers: Box<Counts>,
}

/// What happened between two looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// Its end, milliseconds since the epoch.
    pub(super) at: i64,
    pub(super) span_ms: u32,
    pub(super) requests: u32,
    pub(super) errors: u32,
    pub(super) events: u32,
    pub(super) runs: u32,
    pub(super) tokens_read: u32,
    pub(super) tokens_written: u32,
    pub(super) cost: f32,
    /// The highest that were seen at a look.
    pub(super) levels: Levels,
    pub(super) p50_us: Option<u32>,
    pub(super) p99_us: Option<u32>,
}

/// Samples of one step, the newest last.
#[derive(Debug)]
pub(super) struct Ring {
    step_ms: i64,
    most: usize,
    samples: VecDeque<Sample>,
    before: Look,
    highest: Levels,
}

impl Ring {
    fn new(step_ms: i64, most: i64, first: Look) -> Self {
        let most = usize::try_from(most).unwrap_or(1);
        Self { step_ms, most, samples: VecDeque::new(), before: first, highest: Levels::default() }
    }

    fn note(&mut self, look: &Look) {
        let span = look.at - self.before.at;
        self.highest = self.highest.highest(look.levels);
        // An alarm may ring a little early or late.
        if span > 0 && span < self.step_ms - self.step_ms / 20 {
            return;
        }
        // A clock that went back: what it says now is what counts.
        while self.samples.back().is_some_and(|sample| sample.at >= look.at) {
            self.samples.pop_back();
        }
        // A machine that slept, or a clock that was put forward, leaves a gap: nobody knows when in it things happened.
        if span > 0 && span < 3 * self.step_ms {
            if self.samples.len() == self.most {
                self.samples.pop_front();
            }
            self.samples.push_back(between(&self.before, look, self.highest, span));
        }
        self.before = look.clone();
        self.highest = Levels::default();
    }

    /// Those that ended after `since`, the oldest first.
    pub(super) fn since(&self, since: i64) -> impl Iterator<Item = &Sample> {
        self.samples.iter().skip_while(move |sample| sample.at <= since)
    }

    pub(super) const fn step_ms(&self) -> i64 {
        self.step_ms
    }
}

fn between(before: &Look, look: &Look, levels: Levels, span: i64) -> Sample {
    let grown = |total: fn(&Totals) -> u64| narrow(total(&look.totals).saturating_sub(total(&before.totals)));
    let within = |percent| look.answers.within(&before.answers, percent).map(narrow);
    #[expect(clippy::cast_possible_truncation, reason = "seven digits of a price are enough for a chart")]
    let cost = (look.totals.cost - before.totals.cost).max(0.0) as f32;
    Sample {
        at: look.at,
        span_ms: u32::try_from(span).unwrap_or(u32::MAX),
        requests: grown(|totals| totals.requests),
        errors: grown(|totals| totals.errors),
        events: grown(|totals| totals.events),
        runs: grown(|totals| totals.runs),
        tokens_read: grown(|totals| totals.tokens_read),
        tokens_written: grown(|totals| totals.tokens_written),
        cost,
        levels,
        p50_us: within(50),
        p99_us: within(99),
    }
}

/// As much of it as there is room for: no gateway does four billion of anything in a minute.
pub(super) fn narrow(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Both rings.
#[derive(Debug)]
pub(super) struct Rings {
    pub(super) fine: Ring,
    pub(super) coarse: Ring,
}

impl Rings {
    /// Empty; what happens from this look on is kept.
    pub(super) fn new(first: &Look) -> Self {
        Self {
            fine: Ring::new(FINE_MS, FINE_KEPT, first.clone()),
            coarse: Ring::new(COARSE_MS, COARSE_KEPT, first.clone()),
        }
    }

    /// Takes a look into both.
    pub(super) fn note(&mut self, look: &Look) {
        self.fine.note(look);
        self.coarse.note(look);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_700_000_000_000;

    fn look(at: i64, requests: u64, connections: u32) -> Look {
        Look {
            at: START + at,
            totals: Totals { requests, cost: 0.5 * f64::from(connections), ..Totals::default() },
            levels: Levels { connections, memory_kib: Some(1000), ..Levels::default() },
            ..Look::default()
        }
    }

    fn shown(ring: &Ring) -> Vec<(i64, u32, u32, u32)> {
        ring.since(0).map(|s| (s.at - START, s.span_ms, s.requests, s.levels.connections)).collect()
    }

    #[test]
    fn ten_seconds_are_kept_by_themselves_and_a_minute_with_the_most_that_was_there() {
        let mut rings = Rings::new(&look(0, 0, 0));
        for (step, (requests, connections)) in (1..).zip([(1, 1), (1, 9), (4, 2), (5, 2), (5, 2), (6, 3), (8, 1)]) {
            // Alarms ring some milliseconds late.
            rings.note(&look(step * FINE_MS + step * 3, requests, connections));
        }
        assert_eq!(shown(&rings.fine)[..3], [(10_003, 10_003, 1, 1), (20_006, 10_003, 0, 9), (30_009, 10_003, 3, 2)]);
        assert_eq!(shown(&rings.coarse), [(60_018, 60_018, 6, 9)], "the seventh look begins another minute");
        let since = |at| rings.fine.since(START + at).count();
        assert_eq!((since(0), since(10_003), since(60_018), since(999_999)), (7, 6, 1, 0));
    }

    #[test]
    fn a_machine_that_slept_leaves_a_gap() {
        let mut rings = Rings::new(&look(0, 0, 1));
        rings.note(&look(10_000, 10, 1));
        rings.note(&look(3_610_000, 20, 1));
        rings.note(&look(3_620_000, 21, 1));
        assert_eq!(shown(&rings.fine), [(10_000, 10_000, 10, 1), (3_620_000, 10_000, 1, 1)]);
        assert_eq!(shown(&rings.coarse), []);
        for step in 1..=6 {
            rings.note(&look(3_620_000 + step * FINE_MS, 21, 1));
        }
        assert_eq!(shown(&rings.coarse), [(3_670_000, 60_000, 1, 1)]);
    }

    #[test]
    fn a_clock_that_went_back_leaves_no_samples_of_the_future() {
        let mut rings = Rings::new(&look(0, 0, 1));
        for step in 1..=5 {
            rings.note(&look(step * FINE_MS, 1, 1));
        }
        rings.note(&look(22_000, 7, 1));
        rings.note(&look(32_000, 8, 1));
        assert_eq!(shown(&rings.fine), [(10_000, 10_000, 1, 1), (20_000, 10_000, 0, 1), (32_000, 10_000, 1, 1)]);
    }

    #[test]
    fn a_day_and_an_hour_are_the_most_that_is_kept() {
        let mut rings = Rings::new(&look(0, 0, 1));
        for step in 1..=2 * 8640 {
            rings.note(&look(step * FINE_MS, u64::MAX, 1));
        }
        assert_eq!((rings.fine.samples.len(), rings.coarse.samples.len()), (360, 1440));
        assert_eq!(shown(&rings.coarse).first().unwrap().0, 86_400_000 + COARSE_MS);
        let samples = rings.fine.samples.capacity() + rings.coarse.samples.capacity();
        let bytes = samples * size_of::<Sample>() + 3 * size_of::<Counts>();
        assert!(bytes < 300 * 1024, "{bytes} bytes");
    }
}

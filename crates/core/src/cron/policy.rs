//! What becomes of occurrences whose time has passed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Plan;

/// Occurrences that are counted one by one; beyond that "at least so many" is said.
const COUNTED: u64 = 10_000;

/// What becomes of occurrences that came while nobody could begin them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// They are passed over, but for the newest when it is late by no more than the grace.
    Skip,
    /// The newest is made up for.
    Once,
    /// The newest few are made up for, oldest first.
    All,
}

/// How occurrences that are due are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What becomes of missed ones.
    pub missed: Missed,
    /// How late an occurrence may begin and still count as on time, milliseconds.
    pub grace_ms: i64,
    /// Most occurrences of one job that are made up for at once.
    pub limit: usize,
}

/// What is to be done with the occurrences whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Due {
    /// Times of the occurrences that are to run, oldest first.
    pub run: Vec<i64>,
    /// Those before them, which nobody will run.
    pub passed: Option<Passed>,
    /// The next time after now.
    pub next: Option<i64>,
}

/// Occurrences in a row that were not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Passed {
    /// Time of the first.
    pub first: i64,
    /// Time of the last.
    pub last: i64,
    /// How many; at least so many when not `exact`.
    pub count: u64,
    /// Whether they were all counted.
    pub exact: bool,
}

/// Decides about every occurrence from `next`, the first that was not decided before, up to and with `now`.
/// Each of them is in `run` or in `passed`, and none is in both.
#[must_use]
pub fn due(plan: &Plan, next: i64, now: i64, policy: Policy) -> Due {
    if next > now {
        return Due { next: Some(next), ..Due::default() };
    }
    let kept = match policy.missed {
        Missed::All => policy.limit.max(1),
        Missed::Skip | Missed::Once => 1,
    };
    let mut run = newest(plan, next, now, kept);
    // One that comes only once is never passed over: nothing would ever make up for it.
    if policy.missed == Missed::Skip && !plan.is_once() {
        run.retain(|at| now - at <= policy.grace_ms);
    }
    let until = run.front().map_or(now, |first| first - 1);
    let passed = (next <= until).then(|| passed(plan, next, until)).flatten();
    Due { run: run.into(), passed, next: plan.next_after(now) }
}

/// The newest occurrences from `next` up to `now`, oldest first. Looks back from now in growing steps, so that it does not
/// matter how long ago `next` was.
fn newest(plan: &Plan, next: i64, now: i64, wanted: usize) -> VecDeque<i64> {
    let mut back = 1000;
    loop {
        let from = (now - back).max(next - 1);
        let mut found = VecDeque::new();
        let mut at = from;
        while let Some(found_at) = plan.next_after(at).filter(|found_at| *found_at <= now) {
            if found.len() == wanted {
                found.pop_front();
            }
            found.push_back(found_at);
            at = found_at;
        }
        if found.len() >= wanted || from < next {
            return found;
        }
        back *= 4;
    }
}

/// The occurrences from `next` up to `until`, which are not run.
fn passed(plan: &Plan, next: i64, until: i64) -> Option<Passed> {
    let first = plan.next_after(next - 1).filter(|first| *first <= until)?;
    let last = newest(plan, next, until, 1).back().copied()?;
    if let Some(count) = plan.count(next - 1, until) {
        return Some(Passed { first, last, count, exact: true });
    }
    let (mut count, mut at) = (1, first);
    while let Some(found) = plan.next_after(at).filter(|found| *found <= until) {
        count += 1;
        at = found;
        if count >= COUNTED {
            return Some(Passed { first, last, count, exact: last == found });
        }
    }
    Some(Passed { first, last, count, exact: true })
}

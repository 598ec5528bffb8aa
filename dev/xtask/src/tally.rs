//! Counting results: what the test runners say about themselves, added up.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How many results of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    /// Tests or steps that ran and held.
    pub(crate) passed: u64,
    /// Tests or steps that ran and did not hold.
    pub(crate) failed: u64,
    /// Tests or steps that did not run.
    pub(crate) skipped: u64,
}

impl Tally {
    /// Reads one line of a runner's output: the summary lines of libtest, of nextest, and of Node's test runner.
    ///
    /// Any other line counts nothing.
    pub(crate) fn of_line(line: &str) -> Self {
        let line = line.trim();
        libtest(line).or_else(|| nextest(line)).or_else(|| node(line)).unwrap_or_default()
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

/// `test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s`
fn libtest(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("test result: ")?.split_once(". ")?.1;
    let mut tally = Tally::default();
    for part in counts.split(';') {
        let Some((number, word)) = counted(part) else { continue };
        match word {
            "passed" => tally.passed += number,
            "failed" => tally.failed += number,
            "ignored" => tally.skipped += number,
            _ => {}
        }
    }
    Some(tally)
}

/// `Summary [   0.012s] 34 tests run: 33 passed (1 slow), 1 failed, 2 skipped`
fn nextest(line: &str) -> Option<Tally> {
    let counts = line.strip_prefix("Summary [")?.split_once("run: ")?.1;
    let mut tally = Tally::default();
    for part in without_brackets(counts).split(',') {
        let Some((number, word)) = counted(part) else { continue };
        match word {
            "passed" => tally.passed += number,
            "failed" | "timed out" | "exec failed" => tally.failed += number,
            "skipped" => tally.skipped += number,
            _ => {}
        }
    }
    Some(tally)
}

/// `ℹ pass 5` or `# pass 5`, one line for each count.
fn node(line: &str) -> Option<Tally> {
    let (word, number) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# "))?.split_once(' ')?;
    let number = number.parse().ok()?;
    match word {
        "pass" => Some(Tally { passed: number, ..Tally::default() }),
        "fail" | "cancelled" => Some(Tally { failed: number, ..Tally::default() }),
        "skipped" | "todo" => Some(Tally { skipped: number, ..Tally::default() }),
        _ => None,
    }
}

fn counted(part: &str) -> Option<(u64, &str)> {
    let (number, word) = part.trim().split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let mut kept = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(letter),
            _ => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(passed: u64, failed: u64, skipped: u64) -> Tally {
        Tally { passed, failed, skipped }
    }

    #[test]
    fn libtest_summaries_count() {
        let good = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out; finished in 0.01s";
        assert_eq!(Tally::of_line(good), tally(5, 0, 1));
        let bad = "test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(Tally::of_line(bad), tally(2, 3, 0));
    }

    #[test]
    fn nextest_summaries_count() {
        let line =
            "     Summary [   0.012s] 34 tests run: 31 passed (1 slow, 1 flaky), 2 failed, 1 timed out, 4 skipped";
        assert_eq!(Tally::of_line(line), tally(31, 3, 4));
        assert_eq!(Tally::of_line("Summary [ 0.1s] 3/9 tests run: 3 passed, 1 skipped"), tally(3, 0, 1));
        assert_eq!(Tally::of_line("Summary [ 0.1s] 1 test run: 0 passed, 1 exec failed, 0 skipped"), tally(0, 1, 0));
    }

    #[test]
    fn node_summaries_count_in_both_spellings() {
        let mut sum = Tally::default();
        for line in ["ℹ tests 9", "ℹ suites 2", "ℹ pass 5", "ℹ fail 1", "ℹ cancelled 1", "ℹ skipped 1", "ℹ todo 1"]
        {
            sum += Tally::of_line(line);
        }
        assert_eq!(sum, tally(5, 2, 2));
        assert_eq!(Tally::of_line("# pass 12"), tally(12, 0, 0));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in [
            "",
            "running 5 tests",
            "test result: ",
            "test result: ok",
            "test some::name ... ok",
            "PASS [   0.004s] openclaw-core clock::tests::moves",
            "Summary [ 0.1s] nothing",
            "ℹ duration_ms 12.5",
            "# Subtest: pass 5",
            "ℹ pass many",
            "5 passed, 3 failed",
        ] {
            assert_eq!(Tally::of_line(line), Tally::default(), "{line}");
        }
    }

    #[test]
    fn a_sum_reads_as_one_plain_line() {
        let mut sum = tally(1, 2, 3);
        sum += tally(10, 20, 30);
        assert_eq!(sum.to_string(), "11 passed, 22 failed, 33 skipped");
    }
}

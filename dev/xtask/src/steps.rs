//! A list of named steps, run in order, reported alike and added up.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use crate::apart::{self, Ran};
use crate::system::{self, Need};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// One named thing to check.
pub(crate) struct Step {
    /// What `--only` calls it.
    pub(crate) name: &'static str,
    /// What holds when it passes, in a few words.
    pub(crate) what: &'static str,
    /// Programs of the operating system without which it cannot run.
    pub(crate) needs: &'static [Need],
    /// Does the work. An error is a failure with that reason.
    pub(crate) run: fn(&Plan<'_>) -> Result<Outcome>,
    /// Whether it may run beside its neighbours: it waits more than it computes, or computes what they leave over.
    pub(crate) beside: bool,
}

/// How a step ended, when it did not end in an error.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Outcome {
    /// It held; the tests of its own runner, if it has one, are counted.
    Passed(Tally),
    /// It ran and did not hold.
    Failed(Tally, String),
    /// It could not run here, and why.
    Skipped(String),
}

impl Outcome {
    /// A step that holds and has no tests of its own to count.
    pub(crate) const HOLDS: Self = Self::Passed(Tally { passed: 0, failed: 0, skipped: 0 });
}

/// What a skip means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Skips {
    /// Said aloud, and no more.
    Said,
    /// A failure: missing system packages are installed, and what still cannot run has failed.
    Fail,
}

/// What every step is given.
pub(crate) struct Plan<'a> {
    /// The clone that is checked.
    pub(crate) workspace: &'a Workspace,
    /// What a skip means; a step that can fetch what it lacks does so when a skip would fail.
    pub(crate) skips: Skips,
    /// How long each fuzz target runs.
    pub(crate) fuzz_seconds: u64,
    /// How often the fault tests kill or cut the power of a writer.
    pub(crate) kills: u32,
    /// Whether all steps follow, so that what later ones need may be built beside earlier ones.
    pub(crate) all: bool,
}

/// The line of one step in the closing table.
struct Line {
    name: &'static str,
    outcome: Outcome,
    took: Duration,
}

/// Prints the names of the steps, one to a line.
pub(crate) fn list(steps: &[Step]) {
    for step in steps {
        println!("{:<12} {}", step.name, step.what);
    }
}

/// Keeps the steps that were asked for, in their own order; none asked for means all.
pub(crate) fn chosen<'a>(steps: &'a [Step], only: &[String]) -> Result<Vec<&'a Step>> {
    for name in only {
        if !steps.iter().any(|step| step.name == name) {
            let known: Vec<&str> = steps.iter().map(|step| step.name).collect();
            bail!("there is no step {name:?}; there are {}", known.join(", "));
        }
    }
    Ok(steps.iter().filter(|step| only.is_empty() || only.iter().any(|name| name == step.name)).collect())
}

/// Runs the steps, prints the table and, alone on the last line, the sum. Fails when anything failed.
pub(crate) fn run(plan: &Plan<'_>, steps: &[&Step]) -> ExitCode {
    let needs: Vec<Need> = steps.iter().flat_map(|step| step.needs).copied().collect();
    let missing = system::provide(&needs, plan.skips);
    let begun = Instant::now();
    let mut lines = Vec::with_capacity(steps.len());
    for group in steps.chunk_by(|one, next| one.beside && next.beside) {
        let can: Vec<&Step> = group.iter().copied().filter(|step| lacks(step, &missing).is_none()).collect();
        let mut ran = if group.len() > 1 { apart::run(plan, &can) } else { BTreeMap::new() };
        for step in group {
            println!("\n== [{}/{}] {}: {}", lines.len() + 1, steps.len(), step.name, step.what);
            let started = Instant::now();
            let (outcome, took) = match (lacks(step, &missing), ran.remove(step.name)) {
                (Some(why), _) => (Ok(Outcome::Skipped(why)), started.elapsed()),
                (None, Some(Ran { said, outcome, took })) => {
                    print!("{said}");
                    (outcome, took)
                }
                (None, None) => {
                    let outcome = (step.run)(plan);
                    (outcome, started.elapsed())
                }
            };
            let outcome = outcome.unwrap_or_else(|error| Outcome::Failed(Tally::default(), format!("{error:#}")));
            let line = Line { name: step.name, outcome: judged(outcome, plan.skips), took };
            println!("== {}", described(&line));
            lines.push(line);
        }
    }
    println!("\n{}", table(&lines, begun.elapsed()));
    let sum = sum(&lines);
    println!("{sum}");
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Why a step cannot run here, when it cannot.
fn lacks(step: &Step, missing: &[Need]) -> Option<String> {
    let need = step.needs.iter().find(|need| missing.contains(need))?;
    Some(format!("`{}` is not installed", need.program))
}

fn judged(outcome: Outcome, skips: Skips) -> Outcome {
    match (outcome, skips) {
        (Outcome::Skipped(why), Skips::Fail) => Outcome::Failed(Tally::default(), format!("could not run: {why}")),
        (outcome, _) => outcome,
    }
}

/// Each step counts once, beside the tests that its own runner counted.
fn sum(lines: &[Line]) -> Tally {
    let mut sum = Tally::default();
    for line in lines {
        sum += match &line.outcome {
            Outcome::Passed(tally) => Tally { passed: tally.passed + 1, ..*tally },
            Outcome::Failed(tally, _) => Tally { failed: tally.failed + 1, ..*tally },
            Outcome::Skipped(_) => Tally { skipped: 1, ..Tally::default() },
        };
    }
    sum
}

fn described(line: &Line) -> String {
    let took = seconds(line.took);
    match &line.outcome {
        Outcome::Passed(tally) if *tally == Tally::default() => format!("{} passed in {took}", line.name),
        Outcome::Passed(tally) => format!("{} passed in {took} (tests: {tally})", line.name),
        Outcome::Failed(_, why) => format!("{} FAILED after {took}: {why}", line.name),
        Outcome::Skipped(why) => format!("{} SKIPPED: {why}", line.name),
    }
}

fn table(lines: &[Line], took: Duration) -> String {
    use std::fmt::Write as _;

    let mut table = format!("{:<12} {:<8} {:>9}  tests\n", "step", "result", "time");
    for line in lines {
        let (result, note) = match &line.outcome {
            Outcome::Passed(tally) if *tally == Tally::default() => ("passed", String::new()),
            Outcome::Passed(tally) => ("passed", tally.to_string()),
            Outcome::Failed(_, why) => ("FAILED", why.lines().next().unwrap_or_default().to_owned()),
            Outcome::Skipped(why) => ("SKIPPED", why.clone()),
        };
        let row = format!("{:<12} {result:<8} {:>9}  {note}", line.name, seconds(line.took));
        let _ = writeln!(table, "{}", row.trim_end());
    }
    let _ = writeln!(table, "{:<12} {:<8} {:>9}", "all", "", seconds(took));
    table
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &'static str) -> Step {
        Step { name, what: "", needs: &[], run: |_| Ok(Outcome::HOLDS), beside: false }
    }

    fn line(name: &'static str, outcome: Outcome) -> Line {
        Line { name, outcome, took: Duration::from_millis(1_500) }
    }

    #[test]
    fn every_step_counts_once_beside_its_tests() {
        let lines = [
            line("fmt", Outcome::HOLDS),
            line("tests", Outcome::Failed(Tally { passed: 7, failed: 2, skipped: 1 }, "2 tests".into())),
            line("fuzz", Outcome::Skipped("no target".into())),
        ];
        assert_eq!(sum(&lines), Tally { passed: 8, failed: 3, skipped: 2 });
        let table = table(&lines, Duration::from_secs(125));
        assert!(table.contains("fuzz         SKIPPED      1.5 s  no target"), "{table}");
        assert!(table.contains("2 min 05 s"), "{table}");
    }

    #[test]
    fn a_skip_is_a_failure_only_when_asked_for() {
        let skipped = || Outcome::Skipped("`npm` is not installed".into());
        assert_eq!(judged(skipped(), Skips::Said), skipped());
        let Outcome::Failed(_, why) = judged(skipped(), Skips::Fail) else { panic!("a skip passed") };
        assert!(why.contains("npm"), "{why}");
        assert_eq!(judged(Outcome::HOLDS, Skips::Fail), Outcome::HOLDS);
    }

    #[test]
    fn steps_keep_their_order_and_unknown_names_are_refused() {
        let steps = [step("fmt"), step("clippy"), step("tests")];
        let names = |only: &[&str]| -> Result<Vec<&str>> {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            Ok(chosen(&steps, &only)?.into_iter().map(|step| step.name).collect())
        };
        assert_eq!(names(&[]).unwrap(), ["fmt", "clippy", "tests"]);
        assert_eq!(names(&["tests", "fmt"]).unwrap(), ["fmt", "tests"]);
        let error = names(&["test"]).unwrap_err().to_string();
        assert!(error.contains("\"test\"") && error.contains("clippy"), "{error}");
    }
}

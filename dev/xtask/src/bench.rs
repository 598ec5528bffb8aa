//! `cargo xtask bench`: instructions of the steps of a request and of an event, held to what they may be; and what the
//! store does on this disk.
//!
//! Instructions are counted by callgrind, because they are the same on a busy machine as on a quiet one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::checks;
use crate::process;
use crate::steps::{Outcome, Plan, Skips};
use crate::system::{self, VALGRIND};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// Where the limits are, relative to the root: by architecture, then by benchmark, instructions of one round.
const LIMITS: &str = "dev/bench/limits.json";
/// How far above its limit a count may lie: what another processor's choice of routines makes of it.
const TOLERANCE: f64 = 1.05;
/// The function that is watched.
const REGION: &str = "*region::measured*";

type Counts = BTreeMap<String, u64>;

/// Count the instructions of requests and events.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write what is counted into the file of limits
    #[arg(long)]
    accept: bool,
    /// Measure the store on this disk instead
    #[arg(long, conflicts_with = "accept")]
    store: bool,
    /// Arguments of the store's benchmark: a folder on the disk to measure, and seconds for each figure
    #[arg(last = true, requires = "store")]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    if arguments.store {
        let mut cargo = workspace.cargo();
        cargo.args(["run", "--release", "--package", "openclaw-store", "--example", "bench", "--"]);
        process::run(cargo.args(&arguments.arguments))?;
        return Ok(ExitCode::SUCCESS);
    }
    if !system::provide(&[VALGRIND], Skips::Said).is_empty() {
        bail!("nothing was counted without valgrind");
    }
    let counts = count(workspace)?;
    let mut limits = read(&workspace.root.join(LIMITS))?;
    if arguments.accept {
        limits.insert(std::env::consts::ARCH.to_owned(), counts);
        let text = serde_json::to_string_pretty(&limits)? + "\n";
        std::fs::write(workspace.root.join(LIMITS), text).with_context(|| format!("{LIMITS} cannot be written"))?;
        println!("{LIMITS} was written");
        return Ok(ExitCode::SUCCESS);
    }
    let Some(limits) = limits.get(std::env::consts::ARCH) else {
        bail!("{LIMITS} has no limits for {}; `cargo xtask bench --accept` writes them", std::env::consts::ARCH);
    };
    let complaints = complaints(&counts, limits);
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    Ok(if complaints.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The step of a push. A processor for which there are no limits yet is a skip.
pub(crate) fn check(plan: &Plan<'_>) -> Result<Outcome> {
    let limits = read(&plan.workspace.root.join(LIMITS))?;
    let Some(limits) = limits.get(std::env::consts::ARCH) else {
        return Ok(Outcome::Skipped(format!("{LIMITS} has no limits for {}", std::env::consts::ARCH)));
    };
    let counts = count(plan.workspace)?;
    let complaints = complaints(&counts, limits);
    complaints.iter().for_each(|complaint| println!("{complaint}"));
    let passed = counts.len().saturating_sub(complaints.len()) as u64;
    let tally = Tally { passed, failed: complaints.len() as u64, skipped: 0 };
    Ok(if complaints.is_empty() {
        Outcome::Passed(tally)
    } else {
        Outcome::Failed(tally, format!("{} benchmarks are not what {LIMITS} says", complaints.len()))
    })
}

/// Builds the benchmarks optimised, as a push is tried, but with names (`strip` in the profile), and counts each.
fn count(workspace: &Workspace) -> Result<Counts> {
    let program =
        checks::build_optimised(workspace)?.with_file_name(format!("openclaw-bench{}", std::env::consts::EXE_SUFFIX));
    let folder = workspace.target.join("bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    let names = process::read(Command::new(&program).arg("--list"))?;
    let mut counts = Counts::new();
    for name in names.lines() {
        let instructions = instructions(&program, name, &folder.join(format!("{name}.callgrind")))?;
        println!("{name:<16} {instructions:>9} instructions");
        counts.insert(name.to_owned(), instructions);
    }
    Ok(counts)
}

/// Instructions of one round; the profile stays in `profile`, for `callgrind_annotate`.
fn instructions(program: &Path, name: &str, profile: &PathBuf) -> Result<u64> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]).arg(format!("--toggle-collect={REGION}"));
    valgrind.arg(format!("--callgrind-out-file={}", profile.display())).arg(program).arg(name);
    let rounds: u64 = process::read(&mut valgrind)?.trim().parse().context("the benchmark named no rounds")?;
    let text = std::fs::read_to_string(profile).with_context(|| format!("{} cannot be read", profile.display()))?;
    let all = total(&text).filter(|total| *total > 0);
    let all = all.with_context(|| format!("callgrind saw nothing of {name}: was {REGION} inlined?"))?;
    Ok(all / rounds.max(1))
}

/// The sum in a callgrind profile.
fn total(profile: &str) -> Option<u64> {
    let line = |name| profile.lines().find_map(|line| line.strip_prefix(name));
    line("totals:").or_else(|| line("summary:"))?.split_whitespace().next()?.parse().ok()
}

fn read(file: &Path) -> Result<BTreeMap<String, Counts>> {
    if !file.is_file() {
        return Ok(BTreeMap::new());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("{LIMITS} cannot be read"))?;
    serde_json::from_str(&text).with_context(|| format!("{LIMITS} is not what `cargo xtask bench --accept` writes"))
}

/// What does not fit: a count above its limit, a benchmark without one, a limit without its benchmark.
fn complaints(counts: &Counts, limits: &Counts) -> Vec<String> {
    let accept = "; if that is meant, run `cargo xtask bench --accept` and say why in the commit";
    let mut complaints = Vec::new();
    for (name, count) in counts {
        match limits.get(name) {
            None => complaints.push(format!("{name} has no limit{accept}")),
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            Some(limit) if *count as f64 > *limit as f64 * TOLERANCE => {
                complaints.push(format!("{name} takes {count} instructions, its limit is {limit}{accept}"));
            }
            Some(_) => {}
        }
    }
    let gone = limits.keys().filter(|name| !counts.contains_key(*name));
    complaints.extend(gone.map(|name| format!("{name} has a limit and is no benchmark any more{accept}")));
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(all: &[(&str, u64)]) -> Counts {
        all.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn the_sum_of_a_profile_is_found() {
        assert_eq!(total("events: Ir\nfn=(1) main\n1 5\n\ntotals: 1234\n"), Some(1234));
        assert_eq!(total("version: 1\nsummary: 77 1\n"), Some(77));
        for bad in ["", "totals:", "totals: many"] {
            assert_eq!(total(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_little_more_is_tolerated_and_much_more_is_not() {
        let limits = counts(&[("a", 1000), ("b", 1000), ("gone", 1)]);
        let found = complaints(&counts(&[("a", 1050), ("b", 1051), ("new", 1)]), &limits);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with("b takes 1051") && found[1].starts_with("new has no") && found[2].starts_with("gone")
        );
        assert!(complaints(&counts(&[("a", 900)]), &counts(&[("a", 1000)])).is_empty());
    }

    #[test]
    fn limits_that_nobody_wrote_are_none_and_broken_ones_an_error() {
        let folder = std::env::temp_dir().join(format!("openclaw-bench-limits-{}", std::process::id()));
        assert!(read(&folder).unwrap().is_empty());
        std::fs::write(&folder, "{").unwrap();
        assert!(read(&folder).unwrap_err().to_string().contains("--accept"));
        std::fs::remove_file(&folder).unwrap();
    }
}

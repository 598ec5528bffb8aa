//! Small changes to the code that decides: who may, what leaves the process, which path is one within. A test must notice each.
//!
//! The tool changes a copy of what is committed, never this tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::process;
use crate::steps::{Outcome, Plan};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Of a hundred changes, so many are noticed at least. Some change nothing that anybody could see.
const NOTICED_PERCENT: u64 = 95;
/// The same of the few that a push is tried with, where one alone is much.
const NOTICED_OF_FEW_PERCENT: u64 = 80;
/// Changes that a push is tried with in each package; more are drawn from.
const MOST_OF_A_PUSH: usize = 12;
/// Commits that are so much older than the newest have been pushed before.
const PUSHED_HOURS: i64 = 12;
/// Names the commit after which everything is new, where somebody knows it better.
const BASE: &str = "OPENCLAW_MUTANTS_BASE";

/// Deciding code of one package.
struct Ground {
    package: &'static str,
    /// Which of its files; from the root, and `*` stands for any name.
    files: &'static [&'static str],
    /// What notices: arguments of `cargo test`.
    tests: &'static [&'static str],
    /// Whether it takes minutes, and is left to `cargo xtask deep`.
    long: bool,
}

const GROUNDS: &[Ground] = &[
    // Who may: credentials, origins, addresses, scopes of tokens, roles, limits.
    Ground { package: "openclaw-auth", files: &["crates/auth/src/**/*.rs"], tests: &["--lib"], long: false },
    Ground { package: "openclaw-protocol", files: &["crates/protocol/src/scope.rs"], tests: &["--lib"], long: false },
    Ground {
        package: "openclaw-core",
        files: &["crates/core/src/approval/*.rs", "crates/core/src/lookalike.rs", "crates/core/src/secret.rs"],
        tests: &["--lib"],
        long: false,
    },
    // What leaves the process, and which files are read for a name.
    Ground {
        package: "openclaw-config",
        files: &["crates/config/src/redact.rs", "crates/config/src/include.rs"],
        tests: &["--lib", "--test=file"],
        long: false,
    },
    // What a program gets, and which programs.
    Ground {
        package: "openclaw-sandbox",
        files: &["crates/sandbox/src/environment.rs", "crates/sandbox/src/plan.rs"],
        tests: &["--lib"],
        long: false,
    },
    Ground {
        package: "openclaw-skills",
        files: &["crates/skills/src/names.rs"],
        tests: &["--lib", "--test=archives"],
        long: false,
    },
    // Where both meet requests.
    Ground {
        package: "openclaw-gateway",
        files: &[
            "crates/gateway/src/access.rs",
            "crates/gateway/src/egress.rs",
            "crates/gateway/src/http/bundle/place.rs",
            "crates/gateway/src/http/framing.rs",
            "crates/gateway/src/http/hooks/gate.rs",
            "crates/gateway/src/workspace/*.rs",
        ],
        tests: &["--lib"],
        long: true,
    },
];

/// How the changes ended, as the tool writes it down.
#[derive(Debug, Default, Deserialize)]
struct Ended {
    caught: u64,
    missed: u64,
    timeout: u64,
    unviable: u64,
}

impl Ended {
    /// Those that could be judged. One that ends a test by time was noticed.
    const fn judged(&self) -> u64 {
        self.caught + self.timeout + self.missed
    }

    /// Whether enough was noticed.
    const fn holds(&self, percent: u64) -> bool {
        (self.caught + self.timeout) * 100 >= self.judged() * percent
    }
}

/// Everything that decides.
pub(crate) fn all(plan: &Plan<'_>) -> Result<Outcome> {
    Mutants::provide(plan.workspace)?.run(None)
}

/// What this push changed of it, at most so many changes of each package.
pub(crate) fn changed(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    let Some(base) = base(workspace)? else {
        println!("there is no older commit to compare with, so nothing was changed");
        return Ok(Outcome::HOLDS);
    };
    let diff = process::read(workspace.git().args(["diff", "--no-color", &base, "HEAD", "--", "crates"]))?;
    let file = folder(workspace).join("changed.diff");
    std::fs::create_dir_all(folder(workspace))?;
    std::fs::write(&file, diff).with_context(|| format!("cannot write {}", file.display()))?;
    println!("what was changed since {base}");
    // Nothing of the tool is needed where nothing that decides was changed.
    if !touches_ground(&std::fs::read_to_string(&file)?) {
        println!("that is nothing that decides");
        return Ok(Outcome::HOLDS);
    }
    Mutants::provide(workspace)?.run(Some(&file))
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("mutants")
}

/// The commit after which everything is new.
fn base(workspace: &Workspace) -> Result<Option<String>> {
    if let Ok(named) = std::env::var(BASE) {
        return Ok(Some(named));
    }
    let newest = process::read(workspace.git().args(["log", "-1", "--format=%ct"]))?;
    let newest: i64 = newest.trim().parse().context("git tells no time of the newest commit")?;
    let before = format!("--before={}", newest - PUSHED_HOURS * 3_600);
    let base = process::read(workspace.git().args(["rev-list", "-1", &before, "HEAD"]))?;
    Ok(Some(base.trim().to_owned()).filter(|base| !base.is_empty()))
}

/// Whether a difference names a file that decides.
fn touches_ground(diff: &str) -> bool {
    let files = diff.lines().filter_map(|line| line.strip_prefix("+++ b/"));
    let brief = || GROUNDS.iter().filter(|ground| !ground.long).flat_map(|ground| ground.files);
    files.into_iter().any(|file| brief().any(|pattern| fits(pattern, file)))
}

/// Whether a file's name is one of a pattern's.
fn fits(pattern: &str, file: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, _)) => file.starts_with(start) && file.ends_with(".rs"),
        None => pattern == file,
    }
}

/// The tool, and a copy of what is committed.
struct Mutants<'a> {
    workspace: &'a Workspace,
    tree: PathBuf,
}

impl<'a> Mutants<'a> {
    fn provide(workspace: &'a Workspace) -> Result<Self> {
        tools::provide(workspace, &tools::CARGO_MUTANTS)?;
        let tree = folder(workspace).join("tree");
        let mutants = Self { workspace, tree };
        mutants.remove();
        std::fs::create_dir_all(folder(workspace))?;
        process::run(workspace.git().args(["worktree", "add", "--detach", "--force"]).arg(&mutants.tree).arg("HEAD"))?;
        Ok(mutants)
    }

    fn remove(&self) {
        if self.tree.exists() {
            let _ = process::run(self.workspace.git().args(["worktree", "remove", "--force"]).arg(&self.tree));
        }
    }

    /// Changes each ground, all of it or what a difference touches.
    fn run(&self, diff: Option<&Path>) -> Result<Outcome> {
        let mut sum = Ended::default();
        for ground in GROUNDS.iter().filter(|ground| diff.is_none() || !ground.long) {
            let ended = self.change(ground, diff)?;
            println!(
                "{}: {} of {} changes were noticed ({} did not build)",
                ground.package,
                ended.caught + ended.timeout,
                ended.judged(),
                ended.unviable
            );
            sum.caught += ended.caught;
            sum.missed += ended.missed;
            sum.timeout += ended.timeout;
            sum.unviable += ended.unviable;
        }
        println!("in all {} of {} changes were noticed", sum.caught + sum.timeout, sum.judged());
        let percent = if diff.is_some() { NOTICED_OF_FEW_PERCENT } else { NOTICED_PERCENT };
        Ok(if sum.holds(percent) {
            Outcome::HOLDS
        } else {
            let why = format!("{} changes were not noticed, more than {} in a hundred", sum.missed, 100 - percent);
            Outcome::Failed(Tally::default(), why)
        })
    }

    fn change(&self, ground: &Ground, diff: Option<&Path>) -> Result<Ended> {
        let names = self.listed(ground, diff)?;
        if names == 0 {
            ensure!(
                diff.is_some(),
                "{}: there is nothing to change; correct GROUNDS in dev/xtask/src/mutants.rs",
                ground.package
            );
            return Ok(Ended::default());
        }
        let output = folder(self.workspace).join(ground.package);
        let mut cargo = self.mutating(ground, diff)?;
        // Changed in place, so that what it depends on is built once for all grounds and pushes.
        cargo.args(["--in-place", "--no-shuffle", "--minimum-test-timeout=60", "--output"]).arg(&output);
        if diff.is_some() && names > MOST_OF_A_PUSH {
            println!("{}: {names} changes are possible, about {MOST_OF_A_PUSH} are made", ground.package);
            cargo.args(["--shard", &format!("0/{}", names.div_ceil(MOST_OF_A_PUSH)), "--sharding=round-robin"]);
        }
        cargo.arg("--").args(ground.tests);
        // It ends with another code where one is missed; what it wrote down says how many.
        process::watch(&mut cargo, |_| ())?;
        let outcomes = output.join("mutants.out/outcomes.json");
        let text = std::fs::read(&outcomes).with_context(|| format!("the tool wrote no {}", outcomes.display()))?;
        let ended: Ended = serde_json::from_slice(&text).with_context(|| format!("{}", outcomes.display()))?;
        if ended.judged() + ended.unviable == 0 {
            bail!("{}: its tests fail without any change; see {}", ground.package, output.display());
        }
        Ok(ended)
    }

    /// How many changes there are.
    fn listed(&self, ground: &Ground, diff: Option<&Path>) -> Result<usize> {
        let listed = process::read(self.mutating(ground, diff)?.arg("--list"))?;
        Ok(listed.lines().filter(|line| line.contains(".rs:")).count())
    }

    fn mutating(&self, ground: &Ground, diff: Option<&Path>) -> Result<Command> {
        let mut cargo = process::cargo(&self.tree);
        let tools = self.workspace.target.join("tools/bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(tools).chain(std::env::split_paths(&path));
        cargo.env("PATH", std::env::join_paths(folders)?);
        cargo.env("CARGO_TARGET_DIR", &self.workspace.target).env("CARGO_INCREMENTAL", "1");
        cargo.args(["mutants", "--package", ground.package, "--exclude", "**/testing.rs"]);
        for files in ground.files {
            cargo.args(["--file", files]);
        }
        if let Some(diff) = diff {
            cargo.arg("--in-diff").arg(diff);
        }
        Ok(cargo)
    }
}

impl Drop for Mutants<'_> {
    fn drop(&mut self) {
        self.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_that_is_changed_is_there() {
        let sources = Workspace::find().unwrap().sources(&[".rs"]).unwrap();
        for pattern in GROUNDS.iter().flat_map(|ground| ground.files) {
            let there = sources.iter().filter_map(|file| file.to_str()).any(|file| fits(pattern, file));
            assert!(there, "{pattern}");
        }
    }

    #[test]
    fn a_push_that_touches_nothing_that_decides_needs_no_tool() {
        assert!(touches_ground("--- a/crates/auth/src/decide.rs\n+++ b/crates/auth/src/decide.rs\n@@ -1 +1 @@\n"));
        assert!(touches_ground("+++ b/crates/auth/src/authorization/rule.rs\n"));
        assert!(!touches_ground("+++ b/crates/gateway/src/access.rs\n"), "that takes too long for a push");
        assert!(!touches_ground("+++ b/crates/gateway/src/hub.rs\n+++ b/docs/guide.md\n"));
    }

    #[test]
    fn five_of_a_hundred_may_go_unnoticed_and_what_hangs_was_noticed() {
        let ended = |caught, timeout, missed| Ended { caught, missed, timeout, unviable: 7 };
        assert!(ended(90, 5, 5).holds(95));
        assert!(!ended(90, 4, 6).holds(95));
        assert!(ended(0, 0, 0).holds(95));
    }
}

//! Bugs of known advisories, put back one at a time: each must be noticed by a test that its row in `docs/threats.md` names, and that
//! passes without the bug.
//!
//! The sources that a bug is planted in are a copy of what is committed, so nothing here is touched and nothing planted is built again.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::process;
use crate::tally::Tally;
use crate::workspace::Workspace;

/// The bugs, an edit each.
const BUGS: &str = include_str!("../planted.json");

/// A bug.
#[derive(Debug, Deserialize)]
struct Bug {
    /// The row of `docs/threats.md` that it breaks.
    row: String,
    /// What it does.
    bug: String,
    /// The file that it is planted in, from the root.
    file: String,
    /// What stands there once.
    from: String,
    /// What stands there with the bug.
    to: String,
    /// Whose test notices.
    package: String,
    /// Which of its targets: `--lib`, or `--test=<name>`.
    target: String,
    /// The test.
    test: String,
}

impl Bug {
    /// The file with the bug in it.
    fn planted(&self, text: &str) -> Result<String> {
        if text.matches(&self.from).count() != 1 {
            bail!("{}: {} does not hold this exactly once any more: {}", self.row, self.file, self.from);
        }
        Ok(text.replacen(&self.from, &self.to, 1))
    }
}

fn bugs() -> Result<Vec<Bug>> {
    serde_json::from_str(BUGS).context("dev/xtask/planted.json")
}

/// Plants each bug and runs its test.
///
/// # Errors
/// Names the bugs that nothing noticed.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let folder = workspace.target.join("planted");
    let tree = folder.join("tree");
    let _ = remove(workspace, &tree);
    std::fs::create_dir_all(&folder)?;
    process::run(workspace.git().args(["worktree", "add", "--detach", "--force"]).arg(&tree).arg("HEAD"))?;
    let unnoticed = plant_all(&tree, &folder.join("build"));
    remove(workspace, &tree)?;
    let unnoticed = unnoticed?;
    if !unnoticed.is_empty() {
        bail!("nothing noticed these bugs:\n{}", unnoticed.join("\n"));
    }
    Ok(())
}

fn remove(workspace: &Workspace, tree: &Path) -> Result<()> {
    process::run(workspace.git().args(["worktree", "remove", "--force"]).arg(tree))
}

/// What nothing noticed.
fn plant_all(tree: &Path, build: &Path) -> Result<Vec<String>> {
    let bugs = bugs()?;
    // Packages one after the other, so that each is built anew only where its own bug is.
    let mut by_package: BTreeMap<(&str, &str), Vec<&Bug>> = BTreeMap::new();
    for bug in &bugs {
        by_package.entry((&bug.package, &bug.target)).or_default().push(bug);
    }
    let mut unnoticed = Vec::new();
    for bugs in by_package.into_values() {
        // All of them on the sound tree first, which is built once for them.
        for bug in &bugs {
            sound(&tested(tree, build, bug)?, bug)?;
        }
        for bug in bugs {
            println!("{}: {}", bug.row, bug.bug);
            let file = tree.join(&bug.file);
            let text = std::fs::read_to_string(&file)?;
            std::fs::write(&file, bug.planted(&text)?)?;
            let ran = tested(tree, build, bug)?;
            std::fs::write(&file, text)?;
            if ran.failed == 0 {
                unnoticed.push(format!("{}: {} ({} in {})", bug.row, bug.bug, bug.test, bug.package));
            }
        }
    }
    Ok(unnoticed)
}

/// Builds the package of the bug as the tree is now, and runs its test.
fn tested(tree: &Path, build: &Path, bug: &Bug) -> Result<Tally> {
    let of_bug = |more: &str| {
        let mut cargo = process::cargo(tree);
        cargo.env("CARGO_TARGET_DIR", build).args(["test", "--package", &bug.package, &bug.target, more]);
        cargo
    };
    // What does not build proves nothing.
    process::run(&mut of_bug("--no-run")).with_context(|| format!("{}: it does not build", bug.row))?;
    let mut tally = Tally::default();
    process::watch(&mut of_bug(&bug.test), |line| tally += Tally::of_line(line))?;
    Ok(tally)
}

/// Whether the test of a bug runs, and passes, where the bug is not.
fn sound(ran: &Tally, bug: &Bug) -> Result<()> {
    let Bug { row, package, target, test, .. } = bug;
    if ran.failed > 0 {
        bail!("{row}: {test} of {package} fails without the bug, so it tells nothing of it");
    }
    if ran.passed == 0 {
        bail!(
            "{row}: `cargo test --package {package} {target} {test}` runs no test; correct the name in dev/xtask/planted.json"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_fails_without_the_bug_or_does_not_run_proves_nothing() {
        let bug = &bugs().unwrap()[0];
        let ran = |passed, failed| Tally { passed, failed, skipped: 0 };
        assert!(sound(&ran(1, 0), bug).is_ok());
        let fails = sound(&ran(1, 1), bug).unwrap_err().to_string();
        assert!(fails.contains("fails without the bug"), "{fails}");
        let none = sound(&ran(0, 0), bug).unwrap_err().to_string();
        assert!(none.contains("runs no test") && none.contains(&bug.test), "{none}");
    }

    #[test]
    fn every_bug_can_still_be_planted_and_its_test_is_there() {
        let workspace = Workspace::find().unwrap();
        let threats = workspace.text(Path::new("docs/threats.md")).unwrap();
        let bugs = bugs().unwrap();
        assert!(bugs.len() >= 60, "{} bugs", bugs.len());
        for bug in bugs {
            let text = workspace.text(Path::new(&bug.file)).unwrap();
            let planted = bug.planted(&text).unwrap();
            assert_ne!(planted, text, "{}", bug.row);
            let row = threats.lines().find(|line| line.starts_with(&format!("| {} |", bug.row)));
            assert!(row.is_some_and(|row| row.contains(&bug.test)), "{}: its row does not name {}", bug.row, bug.test);
            let sources = workspace.sources(&[".rs"]).unwrap();
            let folder = format!("crates/{}/", bug.package.trim_start_matches("openclaw-"));
            let declared = format!("fn {}(", bug.test);
            let found = sources
                .iter()
                .filter(|file| file.starts_with(&folder))
                .any(|file| workspace.text(file).is_ok_and(|text| text.contains(&declared)));
            assert!(found, "{}: {folder} holds no test {}", bug.row, bug.test);
        }
    }
}

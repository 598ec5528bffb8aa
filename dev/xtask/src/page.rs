//! Mission Control, as the program serves it: its types, its unit tests, and its stories in a browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::checks;
use crate::process;
use crate::steps::{Outcome, Plan};
use crate::tally::Tally;
use crate::workspace::Workspace;

/// What of the project the page is built and tested from.
const READS: [&str; 3] = ["ui", "docs/methods.d.ts", "Cargo.toml"];
/// What npm and the builds put beside the sources.
const MADE: [&str; 3] = ["node_modules", "dist", "target"];

/// Its types and unit tests.
pub(crate) fn units(plan: &Plan<'_>) -> Result<Outcome> {
    let ui = installed(plan.workspace)?;
    npm(&ui, &["run", "check"])?;
    npm(&ui, &["test"])?;
    Ok(Outcome::HOLDS)
}

/// Its stories, told of the page that is built into the optimised gateway.
pub(crate) fn stories(plan: &Plan<'_>) -> Result<Outcome> {
    let workspace = plan.workspace;
    let ui = installed(workspace)?;
    let binary = checks::build_optimised(workspace)?;
    let shots = workspace.target.join("mission-control-shots");
    let mut stories = Command::new("node");
    stories.current_dir(&ui).args(["tests/run.mjs", "--embedded", "yes", "--binary"]).arg(binary);
    checks::counted(stories.arg("--shots").arg(&shots), Tally::default())
}

/// A copy of the page's sources below the target folder, with the packages that its lock file names.
fn installed(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("mission-control");
    let ui = folder.join("ui");
    for entry in std::fs::read_dir(&ui).into_iter().flatten().flatten() {
        let kept = entry.file_name().to_str().is_some_and(|name| name == "installed-lock.json" || MADE.contains(&name));
        if !kept {
            let path = entry.path();
            let gone = if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
            gone.with_context(|| format!("{} cannot be removed", path.display()))?;
        }
    }
    for name in READS {
        copy(&workspace.root.join(name), &folder.join(name)).with_context(|| format!("{name} cannot be copied"))?;
    }
    // Written last, so that an installation that was cut short is done again.
    let done = ui.join("installed-lock.json");
    let lock = std::fs::read(ui.join("package-lock.json")).context("the page has no package-lock.json")?;
    if !std::fs::read(&done).is_ok_and(|installed| installed == lock) {
        npm(&ui, &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])?;
        std::fs::write(&done, lock).with_context(|| format!("{} cannot be written", done.display()))?;
    }
    Ok(ui)
}

fn npm(folder: &Path, arguments: &[&str]) -> Result<()> {
    process::run(Command::new("npm").current_dir(folder).args(arguments))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if !from.is_dir() {
        to.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        return std::fs::copy(from, to).map(drop);
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| MADE.contains(&name)) {
            copy(&entry.path(), &to.join(name))?;
        }
    }
    Ok(())
}

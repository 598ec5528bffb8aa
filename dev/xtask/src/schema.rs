//! `cargo xtask schema`: files that are generated from the code and committed, so that a change of the wire, of a
//! configuration key or of a command shows in review.
//!
//! The binary itself knows them all: `openclaw dev schema --out <folder>` writes each below the folder, at the path it
//! has in this repository. Here they are compared with, or copied over, the committed ones. Below a folder that is
//! called `generated`, files that the binary does not write are stale too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Write the generated files anew, or check that they are fresh.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Change nothing; fail and name each file that is stale
    #[arg(long)]
    check: bool,
    /// Accept the test snapshots as they are now, too
    #[arg(long, conflicts_with = "check")]
    snapshots: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    process::run(workspace.cargo().args(["build", "--package", "openclaw"]))?;
    let Some(fresh) = generate(workspace)? else {
        bail!("this gateway has no `openclaw dev schema`; nothing is generated from it yet");
    };
    let stale = compare(&workspace.root, &fresh)?;
    for file in &stale {
        println!("{file}");
    }
    if arguments.check {
        return Ok(if stale.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
    for difference in &stale {
        difference.mend(&workspace.root, &fresh)?;
    }
    if arguments.snapshots {
        process::run(workspace.cargo().args(["test", "--workspace"]).env("INSTA_UPDATE", "always"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets the debug binary, which must be built, write its files into an empty folder. `None` when it cannot do that.
pub(crate) fn generate(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let binary = workspace.binary("debug");
    if !process::succeeds(Command::new(&binary).args(["dev", "schema", "--help"])) {
        return Ok(None);
    }
    let folder = workspace.target.join("generated");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    process::run(Command::new(&binary).args(["dev", "schema", "--out"]).arg(&folder))?;
    if files(&folder)?.is_empty() {
        bail!("`openclaw dev schema` wrote no file");
    }
    Ok(Some(folder))
}

/// One committed file that is not what the code says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference {
    /// It is not there.
    Missing(PathBuf),
    /// Its content is another.
    Stale(PathBuf),
    /// Nothing generates it any more.
    Orphan(PathBuf),
}

impl std::fmt::Display for Difference {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing(file) => write!(formatter, "missing: {}", file.display()),
            Self::Stale(file) => write!(formatter, "stale: {}", file.display()),
            Self::Orphan(file) => write!(formatter, "no longer generated: {}", file.display()),
        }
    }
}

impl Difference {
    fn mend(&self, root: &Path, fresh: &Path) -> Result<()> {
        match self {
            Self::Missing(file) | Self::Stale(file) => {
                let place = root.join(file);
                if let Some(folder) = place.parent() {
                    fs::create_dir_all(folder).with_context(|| format!("{} cannot be created", folder.display()))?;
                }
                fs::copy(fresh.join(file), &place).with_context(|| format!("{} cannot be written", place.display()))?;
            }
            Self::Orphan(file) => {
                fs::remove_file(root.join(file)).with_context(|| format!("{} cannot be removed", file.display()))?;
            }
        }
        Ok(())
    }
}

/// Compares everything below `fresh` with the files of the same paths below `root`.
pub(crate) fn compare(root: &Path, fresh: &Path) -> Result<Vec<Difference>> {
    let written = files(fresh)?;
    let mut differences = Vec::new();
    let mut owned = BTreeSet::new();
    for file in &written {
        let content = fs::read(fresh.join(file)).with_context(|| format!("{} cannot be read", file.display()))?;
        match fs::read(root.join(file)) {
            Ok(committed) if committed == content => {}
            Ok(_) => differences.push(Difference::Stale(file.clone())),
            Err(_) => differences.push(Difference::Missing(file.clone())),
        }
        if let Some(folder) = file.ancestors().skip(1).find(|folder| folder.ends_with("generated")) {
            owned.insert(folder.to_owned());
        }
    }
    for folder in owned.iter().filter(|folder| root.join(folder).is_dir()) {
        for file in files(&root.join(folder))? {
            let file = folder.join(file);
            if !written.contains(&file) {
                differences.push(Difference::Orphan(file));
            }
        }
    }
    Ok(differences)
}

/// All files below a folder, relative to it.
fn files(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let entries = fs::read_dir(&next).with_context(|| format!("{} cannot be listed", next.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(file) = path.strip_prefix(folder) {
                found.insert(file.to_owned());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder of its own for one test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-schema-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn write(folder: &Path, file: &str, content: &str) {
        fs::create_dir_all(folder.join(file).parent().unwrap()).unwrap();
        fs::write(folder.join(file), content).unwrap();
    }

    #[test]
    fn each_kind_of_difference_is_found_and_mended() {
        let (root, fresh) = (folder("root"), folder("fresh"));
        for (file, content) in [("docs/generated/a.md", "a"), ("docs/generated/deep/b.md", "b"), ("docs/c.md", "c")] {
            write(&fresh, file, content);
        }
        write(&root, "docs/generated/a.md", "a");
        write(&root, "docs/c.md", "old");
        write(&root, "docs/generated/gone.md", "gone");
        write(&root, "docs/by-hand.md", "kept");

        let found = compare(&root, &fresh).unwrap();
        assert_eq!(
            found,
            [
                Difference::Stale("docs/c.md".into()),
                Difference::Missing("docs/generated/deep/b.md".into()),
                Difference::Orphan("docs/generated/gone.md".into()),
            ]
        );
        for difference in &found {
            difference.mend(&root, &fresh).unwrap();
        }
        assert_eq!(compare(&root, &fresh).unwrap(), []);
        assert_eq!(fs::read_to_string(root.join("docs/by-hand.md")).unwrap(), "kept");
        fs::remove_dir_all(root).unwrap();
        fs::remove_dir_all(fresh).unwrap();
    }
}

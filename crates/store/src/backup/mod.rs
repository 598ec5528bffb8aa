//! Copies of everything that a gateway keeps, and the way back.
//!
//! A backup is one file: a gzipped tar of the state directory and the configuration, the database as one consistent copy, and behind
//! them `manifest.json` with the SHA-256 of each file. An encrypted one is that file sealed as a stream. Keys are only ever in an
//! encrypted one.
//!
//! It gets its name when it is whole and was read back. Restoring checks everything in a folder of its own before that folder takes
//! the place of the state directory.

mod create;
mod open;
mod past;
mod wanted;

use std::path::{Path, PathBuf};

pub use create::{Plan, Sealed, create};
pub use open::{Key, restore, verify};
pub use past::{Past, prune, when};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The manifest's name in the archive.
const MANIFEST: &str = "manifest.json";
/// Where the files of the state directory are in the archive.
const STATE: &str = "state";
/// Where the configuration is, when it is elsewhere.
const CONFIG: &str = "config";
/// Most files of a backup.
const MAX_FILES: usize = 200_000;
/// Deepest folder.
const MAX_DEPTH: usize = 32;
/// Longest manifest.
const MAX_MANIFEST: u64 = 128 << 20;

/// What stands in `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Of this description: 1.
    pub schema_version: u32,
    /// Of the gateway that made it.
    pub version: String,
    /// When, RFC 3339.
    pub created_at: String,
    /// Whether keys are in it.
    pub encrypted: bool,
    /// Where the state directory was.
    pub state_dir: PathBuf,
    /// Where the configuration was.
    pub config: PathBuf,
    /// Every file, in the order of the archive.
    pub files: Vec<Kept>,
    /// What was there and is not in it.
    pub left_out: Vec<LeftOut>,
}

/// One file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its name in the archive.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
}

/// One entry that a backup does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Where it is in the state directory.
    pub name: String,
    /// Why it is not in the backup.
    pub why: String,
}

/// A backup that was made, or was found whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The file.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, hex.
    pub sha256: String,
    /// What is in it.
    pub manifest: Manifest,
    /// Audit records whose chain was proved; `None` when the key that proves them is not in it.
    pub proved: Option<u64>,
}

fn bad(path: &Path, why: impl Into<String>) -> Error {
    Error::Backup { path: path.to_owned(), why: why.into() }
}

/// A folder that is gone again when this is dropped.
struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes it, for the owner alone, in the place of one that a crash left.
    fn make(path: PathBuf) -> Result<Self, Error> {
        use std::os::unix::fs::DirBuilderExt;
        match std::fs::remove_dir_all(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(Error::io("clear", &path)(error)),
            _ => {}
        }
        std::fs::DirBuilder::new().mode(0o700).create(&path).map_err(Error::io("make", &path))?;
        Ok(Self { path })
    }
}

/// Removes the folders that crashes left in `folder`: those of processes that are gone. What is unpacked in them is in the open.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some((kind, pid)) = name.to_str().and_then(|name| name.rsplit_once('-')) else { continue };
        let ours = [".backup", ".backup-check", ".backup-draft"].contains(&kind)
            || kind.starts_with('.') && kind.ends_with(".restoring");
        let Some(pid) = pid.parse().ok().and_then(rustix::process::Pid::from_raw) else { continue };
        let gone = rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH);
        if ours && gone {
            // Whoever may not remove it made it with more rights, and sweeps with them.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What stays behind is removed by whoever works here next.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

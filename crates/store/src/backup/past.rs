//! Backups that are there.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use jiff::{Timestamp, tz::TimeZone};

use crate::error::Error;

const PREFIX: &str = "openclaw-backup-";
const PLAIN: &str = ".tar.gz";
const SEALED: &str = ".tar.gz.sealed";
const FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// A backup in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// The file.
    pub path: PathBuf,
    /// When it was made, as its name says, milliseconds since the epoch.
    pub made_at: i64,
    /// Whether it is encrypted, as its name says.
    pub encrypted: bool,
    /// Its length.
    pub bytes: u64,
}

pub(super) fn name(now_ms: i64, sealed: bool) -> String {
    let at = Timestamp::from_millisecond(now_ms).unwrap_or_default().to_zoned(TimeZone::UTC);
    format!("{PREFIX}{}{}", at.strftime(FORMAT), if sealed { SEALED } else { PLAIN })
}

pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| format!("{at:.0}"))
}

/// When the backup with this name was made, and whether it is encrypted; `None` for a name that no backup gets.
#[must_use]
pub fn when(name: &str) -> Option<(i64, bool)> {
    let rest = name.strip_prefix(PREFIX)?;
    let (time, sealed) = match rest.strip_suffix(SEALED) {
        Some(time) => (time, true),
        None => (rest.strip_suffix(PLAIN)?, false),
    };
    let at = jiff::civil::DateTime::strptime(FORMAT, time).ok()?.to_zoned(TimeZone::UTC).ok()?;
    Some((at.timestamp().as_millisecond(), sealed))
}

impl Past {
    /// The backups in the folder, newest first. None when there is no folder.
    ///
    /// # Errors
    /// [`Error::Io`] when it cannot be listed.
    pub fn list(folder: &Path) -> Result<Vec<Self>, Error> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::io("list", folder)(error)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::io("list", folder))?;
            let Some((made_at, encrypted)) = entry.file_name().to_str().and_then(when) else { continue };
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_file() {
                found.push(Self { path: entry.path(), made_at, encrypted, bytes: metadata.len() });
            }
        }
        found.sort_by(|a, b| (b.made_at, &b.path).cmp(&(a.made_at, &a.path)));
        Ok(found)
    }
}

/// Removes backups that were made before `before_ms`, and never the newest. Gives what was removed.
///
/// # Errors
/// [`Error::Io`].
pub fn prune(folder: &Path, before_ms: i64) -> Result<Vec<PathBuf>, Error> {
    let mut removed = Vec::new();
    for old in Past::list(folder)?.into_iter().skip(1).filter(|past| past.made_at < before_ms) {
        fs::remove_file(&old.path).map_err(Error::io("remove", &old.path))?;
        removed.push(old.path);
    }
    Ok(removed)
}

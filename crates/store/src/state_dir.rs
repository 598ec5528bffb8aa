//! The folder that holds everything, and the right to use it.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{error::Error, schema};

/// Held open and locked for as long as the gateway runs; it is empty and stays behind.
const LOCK: &str = "gateway.lock";

/// What may lie in a folder that has no database of ours yet: what an operator, our configuration or our command line puts there
/// first, and what file systems put there themselves. Anything else was put there by somebody else.
const OURS: &[&str] = &[
    "identity",
    "keys",
    "backups",
    "logs",
    "snapshots",
    "skills",
    "workspace",
    "config-history",
    "tls",
    "lost+found",
    ".env",
    ".DS_Store",
    ".gitkeep",
];
/// The same, by the beginning of the name: our files, the configuration with its backups and temporary files.
const OUR_PREFIXES: &[&str] = &["gateway.", "openclaw.", ".openclaw.", ".backup-", "audit."];

/// The state directory, claimed by this process. Clones share the claim, which ends with the last of them.
#[derive(Clone, Debug)]
pub struct StateDir(Arc<Claim>);

#[derive(Debug)]
struct Claim {
    path: PathBuf,
    _lock: File,
}

impl StateDir {
    /// Makes the folder (mode 0700, parents too) unless it exists, checks it and locks it. The lock belongs to the open file, so it
    /// ends with the process however that ends.
    ///
    /// A folder is ours when it holds `gateway.sqlite`. One that does not may hold `openclaw.json` and other `openclaw.*` files,
    /// `gateway.*`, `audit.*`, `identity`, `keys`,
    /// `backups`, `logs`, `snapshots`, `skills`, `workspace`, `config-history`, `tls` and `.env`; any other entry makes it foreign,
    /// and then nothing in it is touched.
    ///
    /// # Errors
    /// [`Error::NotADirectory`], [`Error::ForeignImplementation`], [`Error::ForeignOwner`], [`Error::TooOpen`] when group or others may
    /// write (when they may only read, the mode is tightened to 0700), [`Error::Unwritable`], [`Error::Locked`].
    pub fn claim(path: &Path) -> Result<Self, Error> {
        let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
        match fs::DirBuilder::new().recursive(true).mode(0o700).create(path) {
            Ok(()) => {}
            Err(error) if matches!(error.kind(), io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) => {
                return Err(Error::NotADirectory { path: path.to_owned() });
            }
            Err(error) => return Err(unwritable(error)),
        }
        let mode = check(path)?;
        if mode & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(unwritable)?;
        }
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join(LOCK))
            .map_err(|source| Error::Unwritable { path: path.join(LOCK), source })?;
        match lock.try_lock() {
            Ok(()) => Ok(Self(Arc::new(Claim { path: path.to_owned(), _lock: lock }))),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(Error::io("lock", &path.join(LOCK))(error)),
        }
    }

    /// Looks at a folder as [`Self::claim`] would, and makes, changes and locks nothing. Its permission bits, or `None` when there
    /// is no folder yet.
    ///
    /// # Errors
    /// As [`Self::claim`], but for [`Error::Locked`].
    pub fn look(path: &Path) -> Result<Option<u32>, Error> {
        match fs::metadata(path) {
            Ok(metadata) if !metadata.is_dir() => Err(Error::NotADirectory { path: path.to_owned() }),
            Ok(_) => check(path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Unwritable { path: path.to_owned(), source }),
        }
    }

    /// Whether somebody has claimed the folder. It holds the lock itself for a moment when nobody does, so that a gateway that
    /// starts in that moment is refused: ask only when something is wrong.
    ///
    /// # Errors
    /// What the file system says, unless that there is no lock.
    pub fn is_claimed(path: &Path) -> io::Result<bool> {
        let lock = match File::open(path.join(LOCK)) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        match lock.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

/// Whose folder it is and who may write to it: its permission bits, when nothing is wrong with that.
fn check(path: &Path) -> Result<u32, Error> {
    let unwritable = |source| Error::Unwritable { path: path.to_owned(), source };
    let metadata = fs::metadata(path).map_err(unwritable)?;
    if let Some(found) = foreign_entry(path).map_err(unwritable)? {
        return Err(Error::ForeignImplementation { path: path.to_owned(), found });
    }
    let user = rustix::process::geteuid().as_raw();
    if metadata.uid() != user {
        return Err(Error::ForeignOwner { path: path.to_owned(), owner: metadata.uid(), user });
    }
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(Error::TooOpen { path: path.to_owned(), mode });
    }
    Ok(mode)
}

/// The first entry, by name, that tells that another program wrote the folder.
fn foreign_entry(path: &Path) -> io::Result<Option<String>> {
    if path.join(schema::FILE).try_exists()? {
        return Ok(None);
    }
    let mut foreign: Option<String> = None;
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let ours = OURS.contains(&name.as_str()) || OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if !ours && foreign.as_ref().is_none_or(|first| name < *first) {
            foreign = Some(name);
        }
    }
    Ok(foreign)
}

#[cfg(test)]
mod tests;

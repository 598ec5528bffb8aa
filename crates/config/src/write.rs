//! Files that appear whole or not at all, and locks that other processes respect.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often a lock that another process holds is tried, and how long it is waited between: ten seconds in all.
const LOCK_TRIES: u32 = 2000;
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Makes a folder, and its parents, for the owner alone.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes a file for the owner alone, whatever the umask; it must not be there yet.
pub(crate) fn new_private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.set_permissions(fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Writes a new file of this mode and brings it to stable storage. Where it replaces another one, it gets that one's owner.
pub(crate) fn draft(path: &Path, bytes: &[u8], mode: u32, replaced: Option<&Metadata>) -> io::Result<()> {
    // Left from a process that died while it held the lock under which drafts are written.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = (|| {
        let mut file = new_private_file(path)?;
        file.write_all(bytes)?;
        if let Some(replaced) = replaced {
            let own = file.metadata()?;
            if (own.uid(), own.gid()) != (replaced.uid(), replaced.gid()) {
                fchown(&file, Some(replaced.uid()), Some(replaced.gid()))?;
            }
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    })();
    if written.is_err() {
        let _ = fs::remove_file(path);
    }
    written
}

/// Brings a folder's entries to stable storage.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}

/// A lock, held until it is dropped or the process ends, however that ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

/// Why there is no lock.
#[derive(Debug)]
pub(crate) enum LockFailure {
    /// Another process held it for ten seconds.
    Held,
    /// The lock file cannot be used.
    Io(io::Error),
}

/// Waits for the lock at `path`, for ten seconds at most. The file stays behind, empty.
pub(crate) fn lock(path: &Path) -> Result<Lock, LockFailure> {
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path).map_err(LockFailure::Io)?;
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(LockFailure::Io(error)),
        }
    }
    Err(LockFailure::Held)
}

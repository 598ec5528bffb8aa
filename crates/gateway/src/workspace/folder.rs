//! An open folder, and files in it, reached name by name from its descriptor, never through a link.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt},
    },
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use rustix::{
    fs::{AtFlags, Dir, FileType, Mode, OFlags, fsync, openat, renameat, statat, unlinkat},
    io::Errno,
};

use super::Inside;

/// Entries of one folder that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// Why a file was not touched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refused {
    /// A link on the way, or in its place.
    #[error(
        "{path} is a symbolic link, or leads through one; links are not followed in a workspace: put a plain file there"
    )]
    Link {
        /// Where.
        path: PathBuf,
    },
    /// It has other names, perhaps outside.
    #[error(
        "{path} has several names (hard links), so that it may be a file outside of the workspace; copy it instead"
    )]
    Shared {
        /// Where.
        path: PathBuf,
    },
    /// It is no file, or no folder.
    #[error("{path} is {found}, not {wanted}")]
    Kind {
        /// Where.
        path: PathBuf,
        /// What it is.
        found: &'static str,
        /// What was expected.
        wanted: &'static str,
    },
    /// It has more bytes than are served.
    #[error("{path} has {size} bytes; at most {max} are possible here")]
    TooLarge {
        /// Where.
        path: PathBuf,
        /// Its bytes.
        size: u64,
        /// How many are possible.
        max: u64,
    },
    /// The file system refuses.
    #[error("{path} could not be {doing}: {source}")]
    Io {
        /// Where.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// What the file system said.
        source: io::Error,
    },
}

/// A file as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Its bytes.
    pub(crate) size: u64,
    /// When it was last written, milliseconds since the epoch.
    pub(crate) updated_at_ms: u64,
}

impl Seen {
    fn of(metadata: &fs::Metadata) -> Self {
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let updated_at_ms = since.map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
        Self { size: metadata.len(), updated_at_ms }
    }
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A folder.
    Folder,
    /// A plain file.
    File,
}

/// An entry of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// Of a file.
    pub(crate) seen: Option<Seen>,
}

/// An open folder.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    root: OwnedFd,
}

impl Folder {
    /// Opens it; `None` when it is not there. Its own path may lead through links: whoever configured it chose that.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>, Refused> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match rustix::fs::open(path, flags, Mode::empty()) {
            Ok(root) => Ok(Some(Self { path: path.to_path_buf(), root })),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR) => {
                Err(Refused::Kind { path: path.to_path_buf(), found: "no folder", wanted: "a workspace" })
            }
            Err(errno) => Err(io_error(path, "opened", errno)),
        }
    }

    /// Opens it, and makes it first where it is missing, for its owner alone.
    pub(crate) fn make(path: &Path) -> Result<Self, Refused> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|source| Refused::Io {
            path: path.to_path_buf(),
            doing: "made",
            source,
        })?;
        Self::open(path)?.ok_or_else(|| io_error(path, "opened", Errno::NOENT))
    }

    fn at(&self, names: &[String]) -> PathBuf {
        names.iter().fold(self.path.clone(), |path, name| path.join(name))
    }

    /// The folder below; `None` when it is not there.
    fn descend(&self, names: &[String]) -> Result<Option<OwnedFd>, Refused> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut here =
            self.root.try_clone().map_err(|source| Refused::Io { path: self.path.clone(), doing: "opened", source })?;
        for (depth, name) in names.iter().enumerate() {
            let path = || self.at(&names[..=depth]);
            here = match openat(&here, name.as_str(), flags, Mode::empty()) {
                Ok(below) => below,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::LOOP) => return Err(Refused::Link { path: path() }),
                Err(Errno::NOTDIR) => {
                    return Err(match kind_at(&here, name) {
                        Ok(Some(FileType::Symlink)) => Refused::Link { path: path() },
                        _ => Refused::Kind { path: path(), found: "no folder", wanted: "a folder" },
                    });
                }
                Err(errno) => return Err(io_error(&path(), "opened", errno)),
            };
        }
        Ok(Some(here))
    }

    /// Opens a plain file for reading; `None` when it is not there.
    fn file(&self, inside: &Inside) -> Result<Option<(File, fs::Metadata)>, Refused> {
        let path = self.at(inside.names());
        let Some((name, above)) = inside.split() else {
            return Err(Refused::Kind { path, found: "a folder", wanted: "a file" });
        };
        let Some(folder) = self.descend(above)? else { return Ok(None) };
        // Looked at first, because opening a device or a pipe may do something.
        match kind_at(&folder, name).map_err(|errno| io_error(&path, "looked at", errno))? {
            None => return Ok(None),
            Some(kind) => plain(&path, kind)?,
        }
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = match openat(&folder, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(Refused::Link { path }),
            Err(errno) => return Err(io_error(&path, "opened", errno)),
        };
        // What counts is what was opened, not what was looked at before.
        let metadata =
            file.metadata().map_err(|source| Refused::Io { path: path.clone(), doing: "looked at", source })?;
        if !metadata.is_file() {
            return Err(Refused::Kind { path, found: "no plain file", wanted: "a file" });
        }
        if metadata.nlink() > 1 {
            return Err(Refused::Shared { path });
        }
        Ok(Some((file, metadata)))
    }

    /// How a plain file is; `None` when it is not there.
    pub(crate) fn look(&self, inside: &Inside) -> Result<Option<Seen>, Refused> {
        Ok(self.file(inside)?.map(|(_, metadata)| Seen::of(&metadata)))
    }

    /// What a plain file holds; `None` when it is not there.
    pub(crate) fn read(&self, inside: &Inside, max: u64) -> Result<Option<(Vec<u8>, Seen)>, Refused> {
        let Some((file, metadata)) = self.file(inside)? else { return Ok(None) };
        let path = self.at(inside.names());
        let mut bytes = Vec::new();
        // One more than is allowed, because the file may grow meanwhile.
        let mut bounded = file.take(max + 1);
        bounded.read_to_end(&mut bytes).map_err(|source| Refused::Io { path: path.clone(), doing: "read", source })?;
        if bytes.len() as u64 > max {
            return Err(Refused::TooLarge { path, size: metadata.len().max(bytes.len() as u64), max });
        }
        Ok(Some((bytes, Seen::of(&metadata))))
    }

    /// Puts a file in the place of what is there, whole or not at all, and brings it to stable storage. `draft` names no
    /// other draft.
    pub(crate) fn write(&self, inside: &Inside, bytes: &[u8], draft: &str) -> Result<Seen, Refused> {
        let path = self.at(inside.names());
        let Some((name, above)) = inside.split() else {
            return Err(Refused::Kind { path, found: "a folder", wanted: "a file" });
        };
        let Some(folder) = self.descend(above)? else {
            return Err(io_error(&path, "written", Errno::NOENT));
        };
        let mode = self.file(inside)?.map_or(0o600, |(_, metadata)| metadata.permissions().mode() & 0o777);
        let draft = format!(".openclaw.{draft}.new");
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(&folder, draft.as_str(), flags, Mode::RUSR | Mode::WUSR);
        let mut file = File::from(opened.map_err(|errno| io_error(&path, "written", errno))?);
        let written = (|| {
            file.write_all(bytes)?;
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.sync_all()?;
            renameat(&folder, draft.as_str(), &folder, name)?;
            fsync(&folder)?;
            file.metadata()
        })();
        match written {
            Ok(metadata) => Ok(Seen::of(&metadata)),
            Err(source) => {
                // It has its new name already when only the folder could not be synced; then there is no draft.
                let _ = unlinkat(&folder, draft.as_str(), AtFlags::empty());
                Err(Refused::Io { path, doing: "written", source })
            }
        }
    }

    /// Removes a plain file; whether it was there.
    pub(crate) fn remove(&self, inside: &Inside) -> Result<bool, Refused> {
        let path = self.at(inside.names());
        if self.file(inside)?.is_none() {
            return Ok(false);
        }
        let Some((name, above)) = inside.split() else { return Ok(false) };
        let Some(folder) = self.descend(above)? else { return Ok(false) };
        match unlinkat(&folder, name, AtFlags::empty()).and_then(|()| fsync(&folder)) {
            Ok(()) => Ok(true),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(io_error(&path, "removed", errno)),
        }
    }

    /// The folders and plain files in a folder below, folders first, by name; links, devices and names that are not text are
    /// left out. `None` when there is no such folder.
    pub(crate) fn list(&self, inside: &Inside) -> Result<Option<Vec<Entry>>, Refused> {
        let path = self.at(inside.names());
        let Some(folder) = self.descend(inside.names())? else { return Ok(None) };
        let failed = |errno| io_error(&path, "listed", errno);
        let mut entries = Vec::new();
        for entry in Dir::read_from(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name == "." || name == ".." || name.chars().any(char::is_control) {
                continue;
            }
            let Ok(stat) = statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let (kind, seen) = match FileType::from_raw_mode(stat.st_mode) {
                FileType::Directory => (Kind::Folder, None),
                FileType::RegularFile => {
                    let number = |number: i64| u64::try_from(number).unwrap_or(0);
                    let seconds = number(stat.st_mtime).saturating_mul(1000);
                    (Kind::File, Some(Seen { size: number(stat.st_size), updated_at_ms: seconds }))
                }
                _ => continue,
            };
            if entries.len() == MAX_ENTRIES {
                break;
            }
            entries.push(Entry { kind, name: name.to_owned(), seen });
        }
        entries.sort_by(|one, other| (one.kind, &one.name).cmp(&(other.kind, &other.name)));
        Ok(Some(entries))
    }
}

/// What has this name in a folder, links not followed.
fn kind_at(folder: impl AsFd, name: &str) -> Result<Option<FileType>, Errno> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        Err(Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

fn plain(path: &Path, kind: FileType) -> Result<(), Refused> {
    let found = match kind {
        FileType::RegularFile => return Ok(()),
        FileType::Symlink => return Err(Refused::Link { path: path.to_path_buf() }),
        FileType::Directory => "a folder",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "of no known kind",
    };
    Err(Refused::Kind { path: path.to_path_buf(), found, wanted: "a file" })
}

fn io_error(path: &Path, doing: &'static str, errno: Errno) -> Refused {
    Refused::Io { path: path.to_path_buf(), doing, source: errno.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_opened_is_handed_to_a_program() {
        let ground = tempfile::tempdir().unwrap();
        fs::create_dir(ground.path().join("a")).unwrap();
        fs::write(ground.path().join("a/file"), "text").unwrap();
        let folder = Folder::open(ground.path()).unwrap().unwrap();
        let (file, _) = folder.file(&Inside::parse("a/file").unwrap()).unwrap().unwrap();
        let below = folder.descend(&["a".to_owned()]).unwrap().unwrap();
        for opened in [folder.root.as_fd(), below.as_fd(), file.as_fd()] {
            assert!(rustix::io::fcntl_getfd(opened).unwrap().contains(rustix::io::FdFlags::CLOEXEC));
        }
        let plain = Folder::open(&ground.path().join("a/file"));
        assert!(matches!(plain, Err(Refused::Kind { found: "no folder", .. })), "{plain:?}");
    }
}

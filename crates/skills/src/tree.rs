//! A folder with everything in it, gone through by descriptors so that nothing can be put in its place meanwhile.

use std::{
    fs::File,
    io::{self, Read},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::{MetadataExt, PermissionsExt},
    },
    path::Path,
};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use sha2::{Digest, Sha256};

use super::{Names, Refused, budget::Budget, names::shown};

/// What a folder holds.
pub(super) enum Item {
    /// A folder.
    Folder,
    /// A file, open, of this many bytes.
    File { file: File, size: u64, executable: bool },
}

/// Is told what a folder holds.
pub(super) type Told<'a> = dyn FnMut(&[String], Item) -> Result<(), Refused> + 'a;

/// Opens a folder. What its own path leads through is whoever names it to decide; it is no link itself.
pub(super) fn open(path: &Path) -> Result<OwnedFd, Refused> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| io_error(path, "opened", errno))
}

/// Goes through a folder, folders before what they hold, by name. Names that `leaves` says are left out.
pub(super) fn walk(
    root: &OwnedFd,
    path: &Path,
    leaves: &dyn Fn(&str) -> bool,
    told: &mut Told<'_>,
) -> Result<(), Refused> {
    let mut walking = Walking { path, names: Names::default(), budget: Budget::new(None)?, leaves, told };
    walking.folder(root, "")
}

struct Walking<'a> {
    path: &'a Path,
    names: Names,
    budget: Budget,
    leaves: &'a dyn Fn(&str) -> bool,
    told: &'a mut Told<'a>,
}

impl Walking<'_> {
    fn folder(&mut self, folder: &OwnedFd, inside: &str) -> Result<(), Refused> {
        let failed = |errno| io_error(&self.path.join(inside), "listed", errno);
        let mut entries = Vec::new();
        for entry in Dir::read_from(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." {
                continue;
            }
            self.budget.entry()?;
            entries.push(name.to_vec());
        }
        entries.sort_unstable();
        for name in entries {
            let Ok(name) = std::str::from_utf8(&name) else {
                return Err(Refused::Name { name: shown(&name), problem: "is not UTF-8" });
            };
            let whole = if inside.is_empty() { name.to_owned() } else { format!("{inside}/{name}") };
            if !(self.leaves)(&whole) {
                self.entry(folder, name, &whole)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, folder: &OwnedFd, name: &str, whole: &str) -> Result<(), Refused> {
        let failed = |doing, errno| io_error(&self.path.join(whole), doing, errno);
        let kind = |what| Err(Refused::Kind { name: shown(whole.as_bytes()), what });
        let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW).map_err(|errno| failed("looked at", errno))?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::Directory => {
                let parts = self.names.take(whole.as_bytes(), false)?;
                let below = openat(folder, name, flags | OFlags::DIRECTORY, Mode::empty());
                let below = below.map_err(|errno| failed("opened", errno))?;
                (self.told)(&parts, Item::Folder)?;
                self.folder(&below, whole)
            }
            FileType::RegularFile => {
                let parts = self.names.take(whole.as_bytes(), true)?;
                let file = openat(folder, name, flags | OFlags::NONBLOCK, Mode::empty());
                let file = File::from(file.map_err(|errno| failed("opened", errno))?);
                let is = file.metadata().map_err(|source| Refused::Io {
                    path: self.path.join(whole).display().to_string(),
                    doing: "looked at",
                    source,
                })?;
                // What counts is what was opened, not what was looked at before.
                if !is.is_file() {
                    return kind("no plain file");
                }
                if is.nlink() > 1 {
                    return kind("a hard link");
                }
                self.budget.take(is.len())?;
                let executable = is.permissions().mode() & 0o100 != 0;
                (self.told)(&parts, Item::File { file, size: is.len(), executable })
            }
            FileType::Symlink => kind("a symbolic link"),
            FileType::Fifo => kind("a pipe"),
            FileType::Socket => kind("a socket"),
            FileType::CharacterDevice | FileType::BlockDevice => kind("a device"),
            FileType::Unknown => kind("of no known kind"),
        }
    }
}

/// What a folder comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) sha256: String,
    pub(super) files: u64,
    pub(super) bytes: u64,
}

/// The sum of a folder: of every name, every bit that makes a file a program, and every byte. It is the same wherever and whenever
/// the folder was written.
pub(super) fn sum(root: &OwnedFd, path: &Path, leaves: &dyn Fn(&str) -> bool) -> Result<Sum, Refused> {
    let mut hash = Sha256::new();
    let (mut files, mut bytes) = (0, 0);
    let mut buffer = vec![0; 64 << 10];
    walk(root, path, leaves, &mut |parts, item| {
        let name = parts.join("/");
        let (kind, size) = match &item {
            Item::Folder => (b'd', 0),
            Item::File { size, executable, .. } => (if *executable { b'x' } else { b'f' }, *size),
        };
        hash.update([kind]);
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(name.as_bytes());
        hash.update(size.to_be_bytes());
        if let Item::File { file, size, .. } = item {
            let mut left = file.take(size);
            let failed = |source| Refused::Io { path: path.join(&name).display().to_string(), doing: "read", source };
            loop {
                let read = left.read(&mut buffer).map_err(failed)?;
                if read == 0 {
                    break;
                }
                hash.update(&buffer[..read]);
            }
            if left.limit() > 0 {
                return Err(failed(io::Error::new(io::ErrorKind::UnexpectedEof, "it became shorter meanwhile")));
            }
            files += 1;
            bytes += size;
        }
        Ok(())
    })?;
    Ok(Sum { sha256: hex(&hash.finalize()), files, bytes })
}

/// The sum of a file, and its bytes.
pub(super) fn sum_of_file(file: &mut File, path: &Path) -> Result<String, Refused> {
    let failed = |source| Refused::Io { path: path.display().to_string(), doing: "read", source };
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What has this name in a folder, links not followed; `None` when nothing has.
pub(super) fn kind_at(folder: impl AsFd, name: &str, path: &Path) -> Result<Option<FileType>, Refused> {
    match statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        Err(rustix::io::Errno::NOENT) => Ok(None),
        Err(errno) => Err(io_error(path, "looked at", errno)),
    }
}

pub(super) fn io_error(path: &Path, doing: &'static str, errno: rustix::io::Errno) -> Refused {
    Refused::Io { path: path.display().to_string(), doing, source: errno.into() }
}

//! Making a backup, beside a gateway that may be at work.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use openclaw_core::Ids;
use openclaw_seal::{Derivation, KeyRing, Means, Protection, StreamSealer};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

use super::{
    Kept, Key, MANIFEST, Manifest, STATE, Scratch, Whole, past,
    wanted::{Wanted, wanted},
};
use crate::{error::Error, schema};

/// What is to be copied where.
#[derive(Debug)]
pub struct Plan<'a> {
    /// The state directory.
    pub state_dir: &'a Path,
    /// The configuration first, then what it includes.
    pub config: &'a [PathBuf],
    /// The folder for it, which is made; its name comes from the time.
    pub folder: &'a Path,
    /// Whether it is encrypted, and what wraps its key.
    pub sealed: Option<Sealed<'a>>,
    /// Of this gateway.
    pub version: &'a str,
    /// Random numbers.
    pub ids: &'a Ids,
    /// The time, milliseconds since the epoch.
    pub now_ms: i64,
}

/// How a backup is encrypted.
#[derive(Debug)]
pub struct Sealed<'a> {
    /// What there is to open keys with.
    pub means: &'a Means,
    /// What wraps the backup's own key. [`Protection::Usual`] is the passphrase when there is one, else `keys/backup.key`.
    pub protection: Protection,
    /// How a key comes from the passphrase.
    pub derivation: Derivation,
}

/// Makes a backup and reads it back. It appears whole or not at all, for the owner alone.
///
/// # Errors
/// [`Error::Backup`] when there is nothing to copy or one of this second is there already; [`Error::Keys`], [`Error::Io`],
/// [`Error::Sqlite`].
pub fn create(plan: &Plan<'_>) -> Result<Whole, Error> {
    let folder = plan.folder;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Error::io("make", folder))?;
    let path = folder.join(past::name(plan.now_ms, plan.sealed.is_some()));
    if path.symlink_metadata().is_ok() {
        return Err(super::bad(&path, "is there already, and nothing is overwritten"));
    }
    super::sweep(folder);
    super::sweep(plan.state_dir);
    // What lies in the open meanwhile, the copy of the database and what is unpacked to be checked, stays where it is in the open
    // anyway. Only the backup itself is written where backups go, which may be another machine's disk.
    let scratch = Scratch::make(plan.state_dir.join(format!(".backup-{}", std::process::id())))?;
    let beside = Scratch::make(folder.join(format!(".backup-draft-{}", std::process::id())))?;
    let draft = beside.path.join("draft");
    let file =
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(Error::io("write", &draft))?;
    let writer = BufWriter::with_capacity(256 << 10, file);
    let key = match &plan.sealed {
        Some(sealed) => {
            let ring = KeyRing::of(plan.state_dir);
            let with = (&ring, sealed.means, &sealed.protection);
            let sealer = StreamSealer::begin(writer, with, sealed.derivation, plan.ids, plan.now_ms)?;
            let written = fill(plan, &scratch.path, sealer)?.finish().and_then(settled);
            written.map_err(Error::io("write", &draft))?;
            let key_file = match &sealed.protection {
                Protection::KeyFile(path) => Some(path.clone()),
                _ => None,
            };
            Key { state_dir: plan.state_dir.to_owned(), means: Means { key_file, ..sealed.means.clone() } }
        }
        None => {
            settled(fill(plan, &scratch.path, writer)?).map_err(Error::io("write", &draft))?;
            Key { state_dir: plan.state_dir.to_owned(), means: Means::default() }
        }
    };
    // A backup that cannot be read is none.
    let check = scratch.path.join("check");
    let whole = super::open::checked(&draft, &check, &key)?;
    named(&draft, &path).map_err(Error::io("name", &path))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))?;
    Ok(Whole { path, ..whole })
}

/// Gives a finished backup its name, and never another one's.
fn named(draft: &Path, path: &Path) -> io::Result<()> {
    use rustix::{fs::RenameFlags, io::Errno};
    let cwd = rustix::fs::CWD;
    match rustix::fs::renameat_with(cwd, draft, cwd, path, RenameFlags::NOREPLACE) {
        // Some file systems, among them those of sticks and shares, cannot promise that.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) if path.symlink_metadata().is_err() => {
            fs::rename(draft, path)
        }
        other => other.map_err(Into::into),
    }
}

fn settled(mut writer: BufWriter<File>) -> io::Result<()> {
    writer.flush()?;
    writer.get_ref().sync_all()
}

/// Writes the archive.
fn fill<W: Write>(plan: &Plan<'_>, scratch: &Path, to: W) -> Result<W, Error> {
    let (mut files, left_out) = wanted(plan.state_dir, plan.config, plan.folder, plan.sealed.is_some())?;
    let database = plan.state_dir.join(schema::FILE);
    if database.exists() {
        let copy = scratch.join(schema::FILE);
        copy_database(&database, &copy)?;
        files.insert(0, Wanted { from: copy, name: format!("{STATE}/{}", schema::FILE) });
    }
    if files.is_empty() {
        return Err(super::bad(plan.state_dir, "holds nothing to back up: no gateway was started here"));
    }
    let mut archive = Builder::new(GzEncoder::new(to, Compression::fast()));
    let mut kept = Vec::with_capacity(files.len());
    for file in &files {
        match put(&mut archive, file, plan.now_ms)? {
            Some(file) => kept.push(file),
            None => tracing::debug!(file = file.name.as_str(), "a file went away while it was backed up"),
        }
    }
    let manifest = Manifest {
        schema_version: 1,
        version: plan.version.to_owned(),
        created_at: past::time(plan.now_ms),
        encrypted: plan.sealed.is_some(),
        state_dir: plan.state_dir.to_owned(),
        config: plan.config.first().cloned().unwrap_or_default(),
        files: kept,
        left_out,
    };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|error| Error::invalid(error.to_string()))?;
    let write = Error::io("write", scratch);
    let finish = || -> io::Result<W> {
        let mut header = header(text.len() as u64, 0o600, plan.now_ms);
        archive.append_data(&mut header, MANIFEST, text.as_slice())?;
        archive.into_inner()?.finish()
    };
    finish().map_err(write)
}

fn header(size: u64, mode: u32, now_ms: i64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(mode);
    header.set_mtime(u64::try_from(now_ms / 1000).unwrap_or_default());
    header
}

/// Puts one file into the archive; `None` when it is gone.
fn put<W: Write>(archive: &mut Builder<W>, file: &Wanted, now_ms: i64) -> Result<Option<Kept>, Error> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let no_follow = i32::try_from(flags.bits()).unwrap_or_default();
    let opened = match OpenOptions::new().read(true).custom_flags(no_follow).open(&file.from) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::io("read", &file.from)(error)),
    };
    let metadata = opened.metadata().map_err(Error::io("look at", &file.from))?;
    let bytes = metadata.len();
    // What is appended meanwhile belongs to the next backup.
    let mut reader = Counted { from: opened.take(bytes), sha: Sha256::new(), bytes: 0 };
    let mut header = header(bytes, metadata.permissions().mode() & 0o700, now_ms);
    archive.append_data(&mut header, &file.name, &mut reader).map_err(Error::io("copy", &file.from))?;
    if reader.bytes != bytes {
        return Err(super::bad(&file.from, "became shorter while it was copied; try again"));
    }
    Ok(Some(Kept { name: file.name.clone(), bytes, sha256: openclaw_core::hex(&reader.sha.finalize()) }))
}

/// Hashes what is read through it.
pub(super) struct Counted<R> {
    pub(super) from: R,
    pub(super) sha: Sha256,
    pub(super) bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(into)?;
        self.sha.update(&into[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}

/// One consistent copy of the database, whether a gateway writes to it or not.
fn copy_database(from: &Path, to: &Path) -> Result<(), Error> {
    let copying = Error::sqlite("copy the database");
    let name = to.to_str().ok_or_else(|| Error::invalid(format!("{} is not UTF-8", to.display())))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let copy = || -> rusqlite::Result<()> {
        let connection = Connection::open_with_flags(from, flags)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.execute("VACUUM INTO ?1", [name]).map(drop)
    };
    copy().map_err(copying)?;
    fs::set_permissions(to, fs::Permissions::from_mode(0o600)).map_err(Error::io("protect", to))
}

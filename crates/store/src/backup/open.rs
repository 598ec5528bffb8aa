//! Reading a backup: whether it is whole, and back to a state directory.

use std::{
    collections::BTreeMap,
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, BufReader, Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Component, Path, PathBuf},
};

use flate2::bufread::GzDecoder;
use openclaw_seal::{KeyRing, Means, StreamOpener, StreamTop};
use rusqlite::{Connection, OpenFlags};
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};

use super::{CONFIG, Kept, MANIFEST, MAX_FILES, MAX_MANIFEST, Manifest, STATE, Scratch, Whole, bad, create::Counted};
use crate::{
    audit_key::AuditKey,
    chain::{self, Proof},
    error::Error,
    schema,
};

/// What opens an encrypted backup.
#[derive(Clone, Debug)]
pub struct Key {
    /// Whose `keys/backup.key` is tried.
    pub state_dir: PathBuf,
    /// The passphrase, and the key file in the place of the one that the backup names.
    pub means: Means,
}

/// Checks a backup: that it opens, that each file is as it was copied, that the database is whole, and its audit chain when the key
/// that proves it is in it. `scratch` is a folder in which a folder is made for as long as that takes.
///
/// # Errors
/// [`Error::Backup`] names the first thing that is wrong; [`Error::Keys`] when it does not open.
pub fn verify(path: &Path, scratch: &Path, key: &Key) -> Result<Whole, Error> {
    super::sweep(scratch);
    checked(path, &scratch.join(format!(".backup-check-{}", std::process::id())), key)
}

/// The same, in this folder, which is gone afterwards.
pub(super) fn checked(path: &Path, folder: &Path, key: &Key) -> Result<Whole, Error> {
    let scratch = Scratch::make(folder.to_owned())?;
    unpack(path, &scratch.path, key)
}

/// Puts everything into `target`, a state directory that is not there yet or is empty. What is not whole, or would not open, changes
/// nothing. The configuration lies in `restored-config` when it was not in the state directory.
///
/// # Errors
/// As [`verify`]; [`Error::Backup`] when something is in the target.
pub fn restore(path: &Path, target: &Path, key: &Key) -> Result<Whole, Error> {
    match fs::read_dir(target) {
        Ok(mut entries) => {
            if entries.next().is_some() {
                let why = "is restored only to a state directory that is empty or not there yet";
                return Err(bad(path, format!("{why}; {} is not", target.display())));
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(Error::io("look at", target)(error)),
    }
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(Error::io("make", parent))?;
    let name = target.file_name().ok_or_else(|| bad(target, "names no folder"))?.to_string_lossy();
    super::sweep(parent);
    let scratch = Scratch::make(parent.join(format!(".{name}.restoring-{}", std::process::id())))?;
    let whole = unpack(path, &scratch.path, key)?;
    let (state, config) = (scratch.path.join(STATE), scratch.path.join(CONFIG));
    if !state.exists() {
        DirBuilder::new().mode(0o700).create(&state).map_err(Error::io("make", &state))?;
    }
    if config.exists() {
        fs::rename(&config, state.join("restored-config")).map_err(Error::io("move", &config))?;
    }
    sync(&state)?;
    fs::rename(&state, target).map_err(Error::io("name", target))?;
    File::open(parent).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", parent))?;
    Ok(whole)
}

/// Brings every file and folder to stable storage.
fn sync(folder: &Path) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(Error::io("list", folder))? {
        let entry = entry.map_err(Error::io("list", folder))?;
        let path = entry.path();
        if entry.file_type().map_err(Error::io("look at", &path))?.is_dir() {
            sync(&path)?;
        } else {
            File::open(&path).and_then(|file| file.sync_all()).map_err(Error::io("sync", &path))?;
        }
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::io("sync", folder))
}

/// Unpacks a backup into a folder and checks everything.
fn unpack(path: &Path, folder: &Path, key: &Key) -> Result<Whole, Error> {
    let (bytes, sha256) = hashed(path)?;
    let mut file = BufReader::with_capacity(256 << 10, File::open(path).map_err(Error::io("read", path))?);
    let manifest = match StreamTop::read(&mut file, path)? {
        Ok(top) => {
            let ring = KeyRing::of(&key.state_dir);
            let opener = StreamOpener::open(file, &top, &ring, &key.means, path)?;
            entries(BufReader::with_capacity(256 << 10, opener), path, folder)?
        }
        Err(_) => {
            file.rewind().map_err(Error::io("read", path))?;
            entries(file, path, folder)?
        }
    };
    let proved = database(path, &folder.join(STATE))?;
    Ok(Whole { path: path.to_owned(), bytes, sha256, manifest, proved })
}

fn hashed(path: &Path) -> Result<(u64, String), Error> {
    let metadata = fs::metadata(path).map_err(Error::io("read", path))?;
    if !metadata.is_file() {
        return Err(bad(path, "is not a file"));
    }
    let mut counted =
        Counted { from: File::open(path).map_err(Error::io("read", path))?, sha: Sha256::new(), bytes: 0 };
    io::copy(&mut counted, &mut io::sink()).map_err(Error::io("read", path))?;
    Ok((counted.bytes, openclaw_core::hex(&counted.sha.finalize())))
}

/// Unpacks the entries, and compares them with the manifest behind them.
fn entries(reader: impl io::BufRead, path: &Path, folder: &Path) -> Result<Manifest, Error> {
    let damaged = |error: io::Error| bad(path, format!("is damaged or cut off: {error}"));
    let mut found: BTreeMap<String, Kept> = BTreeMap::new();
    let mut manifest: Option<Manifest> = None;
    let mut archive = Archive::new(GzDecoder::new(reader));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        if manifest.is_some() {
            return Err(bad(path, "has something behind its manifest"));
        }
        if entry.header().entry_type() != EntryType::Regular {
            return Err(bad(path, "holds something that is no file"));
        }
        let name = entry.path_bytes().into_owned();
        let name = String::from_utf8(name).map_err(|_| bad(path, "holds a name that is not UTF-8"))?;
        if name == MANIFEST {
            let mut text = Vec::new();
            entry.by_ref().take(MAX_MANIFEST).read_to_end(&mut text).map_err(damaged)?;
            manifest =
                Some(serde_json::from_slice(&text).map_err(|error| bad(path, format!("its manifest: {error}")))?);
            continue;
        }
        let place = place(&name).ok_or_else(|| bad(path, format!("holds a name that leads elsewhere: {name:?}")))?;
        if found.len() >= MAX_FILES || found.contains_key(&name) {
            return Err(bad(path, "holds too many files, or one twice"));
        }
        let mode = entry.header().mode().map_err(damaged)? & 0o700 | 0o600;
        let to = folder.join(place);
        let kept = unpacked(&mut entry, &to, mode).map_err(|failed| match failed {
            Failed::Reading(error) => damaged(error),
            Failed::Writing(error) => Error::io("write", &to)(error),
        })?;
        found.insert(name.clone(), Kept { name, ..kept });
    }
    // To the end, where the checksum is.
    let mut reader = archive.into_inner();
    io::copy(&mut reader, &mut io::sink()).map_err(damaged)?;
    let mut behind = Vec::new();
    reader.into_inner().take(1).read_to_end(&mut behind).map_err(damaged)?;
    if !behind.is_empty() {
        return Err(bad(path, "has something behind its end"));
    }
    let manifest = manifest.ok_or_else(|| bad(path, "has no manifest, so it is no backup or is cut off"))?;
    if manifest.schema_version != 1 {
        return Err(bad(path, "was made by a newer gateway; use that one"));
    }
    for kept in &manifest.files {
        match found.remove(&kept.name) {
            Some(real) if real == *kept => {}
            Some(_) => return Err(bad(path, format!("{} is not as it was copied", kept.name))),
            None => return Err(bad(path, format!("{} is missing", kept.name))),
        }
    }
    match found.keys().next() {
        Some(name) => Err(bad(path, format!("{name} is not in the manifest"))),
        None => Ok(manifest),
    }
}

enum Failed {
    Reading(io::Error),
    Writing(io::Error),
}

fn unpacked(entry: &mut impl Read, to: &Path, mode: u32) -> Result<Kept, Failed> {
    if let Some(parent) = to.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent).map_err(Failed::Writing)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(to).map_err(Failed::Writing)?;
    let mut sha = Sha256::new();
    let (mut part, mut bytes) = (vec![0; 64 << 10], 0);
    loop {
        let read = entry.read(&mut part).map_err(Failed::Reading)?;
        if read == 0 {
            break;
        }
        sha.update(&part[..read]);
        bytes += read as u64;
        file.write_all(&part[..read]).map_err(Failed::Writing)?;
    }
    Ok(Kept { name: String::new(), bytes, sha256: openclaw_core::hex(&sha.finalize()) })
}

/// Where a name goes, below one of the two folders.
fn place(name: &str) -> Option<&Path> {
    let path = Path::new(name);
    let mut parts = path.components();
    let first = parts.next()?;
    let known = [STATE, CONFIG].iter().any(|folder| first == Component::Normal(folder.as_ref()));
    let mut rest = parts.peekable();
    (known && rest.peek().is_some() && rest.all(|part| matches!(part, Component::Normal(_)))).then_some(path)
}

/// Checks the database, and its audit chain when the key is there: then the number of its records.
fn database(path: &Path, state: &Path) -> Result<Option<u64>, Error> {
    let file = state.join(schema::FILE);
    if !file.exists() {
        return Ok(None);
    }
    let engine = |error: rusqlite::Error| bad(path, format!("its database is damaged: {error}"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(&file, flags).map_err(engine)?;
    let said: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(engine)?;
    if said != "ok" {
        return Err(bad(path, format!("its database is damaged: {said}")));
    }
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(engine)?;
    let known = schema::MIGRATIONS.last().map_or(0, |migration| migration.version);
    if found > known {
        return Err(Error::NewerSchema { path: path.to_owned(), found, known });
    }
    let keyed_from = if found < 8 { None } else { chain::keyed_from(&connection).map_err(engine)? };
    let (Some(key), Some(keyed_from)) = (AuditKey::read(state)?, keyed_from) else { return Ok(None) };
    let proof = Proof { key, keyed_from };
    match chain::verify(&connection, &proof).map_err(engine)? {
        Ok(records) => Ok(Some(records)),
        Err(first) => Err(bad(path, format!("its audit trail is not as it was written: {first}"))),
    }
}

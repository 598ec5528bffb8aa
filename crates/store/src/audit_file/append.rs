//! Writing the file: append, rotate, compress, forget; and going on after a crash.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};
use openclaw_core::{Ids, record::AuditRecord};
use serde::{Deserialize, Serialize};

use super::{
    ANCHOR,
    line::{Entry, Form, Line, MAX_LINE_BYTES, Pen},
    walk::{self, NOTHING, Walk},
};
use crate::audit_key::AuditKey;

const ANCHOR_LABEL: &[u8] = b"openclaw audit anchor 1";
const DAY_MS: i64 = 86_400_000;

/// Where the file is and what it looks like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The state directory, for the anchor.
    pub state_dir: PathBuf,
    /// The file.
    pub path: PathBuf,
    /// How records are written.
    pub form: Form,
    /// Whether lines are encrypted.
    pub encryption: bool,
    /// Whether files are compressed once they are rotated.
    pub compression: bool,
    /// Rotated files whose records are all older than this are removed, milliseconds.
    pub retention_ms: Option<i64>,
    /// A file with this many bytes is rotated before the next record; it is on every new day, UTC.
    pub max_bytes: u64,
}

/// Why nothing can be written to the file.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", path.display())]
pub struct Refused {
    /// The file.
    pub path: PathBuf,
    /// What is wrong, and what to do.
    pub why: String,
}

/// What was found when the file was opened, and has been put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The file ended in the middle of a line, as a crash leaves it; the piece was cut off.
    Torn,
    /// Lines that were in the file are gone; they are written again.
    Gone {
        /// Number of the last record that is still there.
        from: i64,
        /// Number of the last record that had been there.
        to: i64,
    },
    /// The file's last line is not as it was written; the file was set aside under this name.
    Changed {
        /// Where the file is now.
        aside: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// How far the file had come, proved with the key. It may lag behind the file, never run ahead of it.
#[derive(Serialize, Deserialize)]
struct Anchor {
    file: PathBuf,
    seq: i64,
    link: String,
    proof: String,
}

/// The file, open at its end.
#[derive(Debug)]
pub struct Appender {
    settings: Settings,
    key: AuditKey,
    ids: Ids,
    pen: Pen,
    file: File,
    len: u64,
    last: Option<Line>,
}

impl Appender {
    /// Opens the file, or makes it with mode 0600, and finds where it ends.
    ///
    /// # Errors
    /// [`Refused`] when the path is a link or no file, or the disk does not let it be written.
    pub fn open(settings: Settings, key: &AuditKey, ids: Ids) -> Result<(Self, Vec<Found>), Refused> {
        let path = settings.path.clone();
        let refused = |error: io::Error| Refused { path: path.clone(), why: why(&error) };
        let pen = Pen::new(key);
        let mut found = Vec::new();
        let (mut file, mut len) = opened(&path).map_err(refused)?;
        let mut last = None;
        if len > 0 {
            let Tail { whole, line, piece } = tail(&mut file, len).map_err(refused)?;
            let ours = match line.map(|line| pen.read(&line)) {
                Some(Ok(line)) => {
                    last = Some(line);
                    Ok(())
                }
                Some(Err(why)) => Err(why),
                None if Pen::may_begin(&piece) => Ok(()),
                None => Err("holds no record of this gateway".to_owned()),
            };
            match ours {
                Ok(()) if whole < len => {
                    file.set_len(whole).map_err(refused)?;
                    len = whole;
                    found.push(Found::Torn);
                }
                Ok(()) => {}
                // Somebody else's file, or one that was changed: nothing of it is cut.
                Err(why) => {
                    let aside = set_aside(&path).map_err(refused)?;
                    found.push(Found::Changed { aside, why });
                    (file, len) = opened(&path).map_err(refused)?;
                }
            }
        }
        if last.is_none() {
            last = of_rotated(&path, key).map_err(refused)?;
        }
        let from = last.as_ref().map_or(0, |line| line.seq);
        if let Some(anchor) = anchor(&settings.state_dir, &path, key).filter(|anchor| anchor.seq > from) {
            found.push(Found::Gone { from, to: anchor.seq });
        }
        Ok((Self { settings, key: key.clone(), ids, pen, file, len, last }, found))
    }

    /// Number of the last record that is known to have been in the file.
    pub(crate) fn anchored(state_dir: &Path, path: &Path, key: &AuditKey) -> Option<i64> {
        anchor(state_dir, path, key).map(|anchor| anchor.seq)
    }

    /// Number and hash of the last record in the file.
    #[must_use]
    pub fn last(&self) -> Option<(i64, &str)> {
        self.last.as_ref().map(|line| (line.seq, line.hash.as_str()))
    }

    /// Sets the file aside with those before it, because they tell of another trail than the table, and begins anew.
    ///
    /// # Errors
    /// [`Refused`] when the disk does not let it.
    pub fn begin_anew(mut self, why: &str) -> Result<(Self, Found), Refused> {
        let path = self.settings.path.clone();
        let refused = |error: io::Error| Refused { path: path.clone(), why: self::why(&error) };
        for rotated in walk::rotated(&path).map_err(refused)? {
            set_aside(&rotated.path).map_err(refused)?;
        }
        let aside = set_aside(&path).map_err(refused)?;
        match fs::remove_file(self.settings.state_dir.join(ANCHOR)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(refused(error)),
            _ => {}
        }
        (self.file, self.len) = opened(&path).map_err(refused)?;
        self.last = None;
        Ok((self, Found::Changed { aside, why: why.to_owned() }))
    }

    /// Number of the last record in the file; 0 when there is none.
    #[must_use]
    pub fn position(&self) -> i64 {
        self.last.as_ref().map_or(0, |line| line.seq)
    }

    /// Appends records, which must be later than those that are there, and syncs them. Older files are rotated, compressed and
    /// removed on the way. After an error the file must be opened again.
    ///
    /// # Errors
    /// [`Refused`] when the file is not the one any more that was opened, or the disk does not take the records.
    pub fn append(&mut self, records: Vec<AuditRecord>, now_ms: i64) -> Result<(), Refused> {
        self.try_append(records, now_ms).map_err(|error| Refused { path: self.settings.path.clone(), why: why(&error) })
    }

    fn try_append(&mut self, records: Vec<AuditRecord>, now_ms: i64) -> io::Result<()> {
        self.still_there()?;
        let before = self.position();
        let mut batch = Vec::new();
        for record in records {
            if record.seq <= self.position() {
                continue;
            }
            let new_day = self.last.as_ref().is_some_and(|last| day(last.ts) != day(record.ts));
            let written = self.len + batch.len() as u64;
            if written > 0 && (new_day || written >= self.settings.max_bytes) {
                self.flush(&mut batch)?;
                self.rotate(now_ms)?;
            }
            let entry = Entry::from(record);
            let before = self.last.as_ref().map_or(NOTHING, |last| &last.link);
            let (mut line, link) = self.pen.write(&entry, self.settings.form, before);
            if self.settings.encryption {
                line = self.pen.cover(&line, self.ids.bytes()).map_err(io::Error::other)?;
            }
            self.last = Some(Line { seq: entry.seq, ts: entry.ts, hash: entry.hash, before: before.to_owned(), link });
            batch.extend_from_slice(line.as_bytes());
            batch.push(b'\n');
        }
        self.flush(&mut batch)?;
        if self.position() == before { Ok(()) } else { self.save_anchor() }
    }

    /// Whether the path still leads to the file that is open.
    fn still_there(&self) -> io::Result<()> {
        let gone = |what: &str| io::Error::new(io::ErrorKind::NotFound, what.to_owned());
        let there = match fs::symlink_metadata(&self.settings.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(gone("the file was removed")),
            other => other?,
        };
        let open = self.file.metadata()?;
        if (there.dev(), there.ino()) != (open.dev(), open.ino()) {
            return Err(gone("another file took its place"));
        }
        if open.len() != self.len {
            return Err(gone("somebody else wrote to the file or cut it"));
        }
        Ok(())
    }

    fn flush(&mut self, batch: &mut Vec<u8>) -> io::Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let written = self.file.write_all(batch).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // What was written of it would be cut off at the next opening; cutting it now keeps readers from half a line.
            let _ = self.file.set_len(self.len);
            return Err(error);
        }
        self.len += batch.len() as u64;
        batch.clear();
        Ok(())
    }

    fn rotate(&mut self, now_ms: i64) -> io::Result<()> {
        let Some(last) = &self.last else { return Ok(()) };
        let path = &self.settings.path;
        let to = walk::rotated_name(path, &day(last.ts), last.seq);
        if to.symlink_metadata().is_ok() {
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is in the way", to.display())));
        }
        fs::rename(path, &to)?;
        (self.file, self.len) = opened(path)?;
        if self.settings.compression {
            compress(&to)?;
        }
        self.forget(now_ms)
    }

    /// Removes rotated files that are too old. The newest stays whatever its age: it says where the chain goes on.
    fn forget(&self, now_ms: i64) -> io::Result<()> {
        let Some(retention) = self.settings.retention_ms else { return Ok(()) };
        // A file's newest record is of its day, so it is too old a day later.
        let oldest = day(now_ms.saturating_sub(retention).saturating_sub(DAY_MS));
        let mut rotated = walk::rotated(&self.settings.path)?;
        rotated.pop();
        for file in rotated.into_iter().filter(|file| file.day < oldest) {
            fs::remove_file(file.path)?;
        }
        Ok(())
    }

    fn save_anchor(&self) -> io::Result<()> {
        let Some(last) = &self.last else { return Ok(()) };
        let anchor = Anchor {
            file: self.settings.path.clone(),
            seq: last.seq,
            link: last.link.clone(),
            proof: anchor_proof(&self.key, &self.settings.path, last.seq, &last.link),
        };
        let path = self.settings.state_dir.join(ANCHOR);
        let new = self.settings.state_dir.join("audit.anchor.new");
        let _ = fs::remove_file(&new);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(&serde_json::to_vec(&anchor)?)?;
        // An empty one after a power loss would say that nothing was there.
        file.sync_data()?;
        fs::rename(new, path)
    }
}

fn anchor_proof(key: &AuditKey, path: &Path, seq: i64, link: &str) -> String {
    openclaw_core::hex(&key.file(&[
        ANCHOR_LABEL,
        path.as_os_str().as_encoded_bytes(),
        &[0],
        &seq.to_be_bytes(),
        link.as_bytes(),
    ]))
}

/// What the anchor says of this file, if anything that is proved.
fn anchor(state_dir: &Path, path: &Path, key: &AuditKey) -> Option<Anchor> {
    let anchor: Anchor = serde_json::from_slice(&fs::read(state_dir.join(ANCHOR)).ok()?).ok()?;
    let proved = anchor.proof == anchor_proof(key, path, anchor.seq, &anchor.link);
    (anchor.file == path && proved).then_some(anchor)
}

fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull => "the disk is full; make room, and the file is continued".to_owned(),
        io::ErrorKind::PermissionDenied => {
            format!("{error}; let the gateway's user write there, or set logging.audit.file")
        }
        _ => error.to_string(),
    }
}

/// Opens the file to append, and its length. Links are not followed: whoever can make one could have another file written to.
fn opened(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent() {
        match fs::DirBuilder::new().recursive(true).mode(0o700).create(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
    }
    if let Ok(there) = fs::symlink_metadata(path)
        && !there.is_file()
    {
        let what = if there.is_symlink() { "a link" } else { "no file" };
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it is {what}; remove it, or set logging.audit.file"),
        ));
    }
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.nlink() > 1 {
        let what = "it is no file of its own (it has other names); remove it, or set logging.audit.file";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
    }
    if metadata.permissions().mode() & 0o777 != 0o600 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    if metadata.len() == 0
        && let Some(folder) = path.parent()
    {
        // The name must survive a power loss as well as the content.
        File::open(folder)?.sync_all()?;
    }
    Ok((file, metadata.len()))
}

/// The end of a file.
struct Tail {
    /// Where the last whole line ends.
    whole: u64,
    /// That line.
    line: Option<Vec<u8>>,
    /// What stands behind it.
    piece: Vec<u8>,
}

fn tail(file: &mut File, len: u64) -> io::Result<Tail> {
    let window = len.min(2 * MAX_LINE_BYTES as u64 + 2);
    file.seek(SeekFrom::Start(len - window))?;
    let mut bytes = Vec::new();
    file.take(window).read_to_end(&mut bytes)?;
    let Some(end) = bytes.iter().rposition(|byte| *byte == b'\n') else {
        // Nothing that we write is that long, unless there is no whole line at all.
        return Ok(match window == len {
            true => Tail { whole: 0, line: None, piece: bytes },
            false => Tail { whole: len, line: Some(bytes), piece: Vec::new() },
        });
    };
    let begin = bytes[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let (line, piece) = (Some(bytes[begin..end].to_vec()), bytes[end + 1..].to_vec());
    Ok(Tail { whole: len - window + end as u64 + 1, line, piece })
}

/// The last line of the newest rotated file.
fn of_rotated(path: &Path, key: &AuditKey) -> io::Result<Option<Line>> {
    let Some(newest) = walk::rotated(path)?.pop() else { return Ok(None) };
    let mut walker = Walk::new(key);
    let mut reader = walk::open(&newest.path)?;
    // A file that was changed is found by whoever verifies; here only where it ends matters.
    let _ = walk::walk(&mut walker, &newest.path, &mut reader, &mut |_, _| Ok(()));
    Ok(walker.last().cloned())
}

/// Gives a file that was changed another name, under which it is never read, and tells it.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    for n in 1..1000 {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".changed-{n}"));
        let name = PathBuf::from(name);
        if name.symlink_metadata().is_err() {
            return fs::rename(path, &name).map(|()| name);
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "too many files that were changed lie beside it"))
}

/// Makes the compressed copy complete before the original goes.
fn compress(path: &Path) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    let done = PathBuf::from(&name);
    name.push(".new");
    let new = PathBuf::from(name);
    let _ = fs::remove_file(&new);
    let out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let mut encoder = GzEncoder::new(out, Compression::default());
    io::copy(&mut BufReader::new(File::open(path)?), &mut encoder)?;
    encoder.finish()?.sync_all()?;
    fs::rename(&new, &done)?;
    if let Some(folder) = path.parent() {
        // Before the original goes, the copy's name must survive a power loss.
        File::open(folder)?.sync_all()?;
    }
    fs::remove_file(path)
}

/// The day of a time, UTC, as `20261126`.
fn day(ts: i64) -> String {
    jiff::Timestamp::from_millisecond(ts).map_or_else(
        |_| "00000000".to_owned(),
        |at| at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y%m%d").to_string(),
    )
}

#[cfg(test)]
mod tests;

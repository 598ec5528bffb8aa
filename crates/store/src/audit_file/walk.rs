//! Reading the file, and finding the first line that is not as it was written.

use std::{
    ffi::OsString,
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use flate2::bufread::MultiGzDecoder;

use super::line::{Line, MAX_LINE_BYTES, Pen};
use crate::audit_key::AuditKey;

/// The link before the first line.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The first line that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, line {line}{}: {why}", file.display(), seq.map(|seq| format!(" (after record {seq})")).unwrap_or_default())]
pub struct BadLine {
    /// In which file.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: u64,
    /// The last record that is proved, when there is one.
    pub seq: Option<i64>,
    /// What is wrong.
    pub why: String,
}

/// What was found in files that are as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files that were read, oldest first.
    pub files: Vec<PathBuf>,
    /// Lines in them.
    pub lines: u64,
    /// Number of the first record and of the last.
    pub span: Option<(i64, i64)>,
    /// Whether the first file begins where the chain of files does: older ones were not removed.
    pub whole: bool,
    /// The newest file ends in the middle of a line, as a crash or a writer at work leaves it.
    pub torn: bool,
}

/// Follows lines.
#[derive(Debug)]
pub struct Walk {
    pen: Pen,
    expected: Option<String>,
    last: Option<Line>,
    whole: bool,
}

impl Walk {
    /// Begins at whatever line comes first.
    #[must_use]
    pub fn new(key: &AuditKey) -> Self {
        Self { pen: Pen::new(key), expected: None, last: None, whole: true }
    }

    /// Takes the next line, without its end, and gives its record's number and the table's hash.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn line(&mut self, line: &[u8]) -> Result<(i64, String), String> {
        let line = self.pen.read(line)?;
        match &self.expected {
            None => self.whole = line.before == NOTHING,
            Some(expected) if *expected != line.before => {
                return Err("does not follow the line before it: lines were removed, added or moved".to_owned());
            }
            Some(_) => {}
        }
        if self.last.as_ref().is_some_and(|last| last.seq >= line.seq) {
            return Err(format!("repeats record {}", line.seq));
        }
        self.expected = Some(line.link.clone());
        let told = (line.seq, line.hash.clone());
        self.last = Some(line);
        Ok(told)
    }

    pub(super) fn last(&self) -> Option<&Line> {
        self.last.as_ref()
    }

    /// Number of the newest record that is proved.
    #[must_use]
    pub fn newest(&self) -> Option<i64> {
        self.last.as_ref().map(|line| line.seq)
    }
}

/// A line that was read, or why there is none.
enum Next {
    Line,
    /// The file ends in the middle of a line.
    Torn,
    TooLong,
    End,
}

/// Reads one line without its end, and never more than a line may have.
fn next_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Next> {
    line.clear();
    let limit = MAX_LINE_BYTES as u64 + 1;
    let read = io::Read::take(&mut *reader, limit).read_until(b'\n', line)?;
    Ok(match line.last() {
        None => Next::End,
        Some(b'\n') => {
            line.pop();
            Next::Line
        }
        Some(_) if read as u64 == limit => Next::TooLong,
        Some(_) => Next::Torn,
    })
}

/// The rotated files of an audit file, oldest first, and the file itself where it exists.
///
/// # Errors
/// When the folder cannot be read; one that is not there has no files.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = rotated(path)?.into_iter().map(|rotated| rotated.path).collect();
    if path.symlink_metadata().is_ok() {
        found.push(path.to_owned());
    }
    Ok(found)
}

/// A file that is not written to any more.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rotated {
    /// Day of its last record, `20261126`.
    pub(super) day: String,
    /// Number of its last record.
    pub(super) seq: i64,
    pub(super) path: PathBuf,
}

/// Its name is the file's, the day and the number of its last record: `audit.jsonl.20261126-000000001234`, with `.gz` when compressed.
pub(super) fn rotated(path: &Path) -> io::Result<Vec<Rotated>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found: Vec<Rotated> = Vec::new();
    for entry in entries {
        let file = entry?.file_name();
        let Some((day, seq)) = file.to_str().and_then(|file| parsed(name, file)) else { continue };
        found.push(Rotated { day, seq, path: folder.join(&file) });
    }
    found.sort_by(|a, b| (a.seq, &a.path).cmp(&(b.seq, &b.path)));
    // A crash between the compressed copy's name and the removal of the original leaves both.
    found.dedup_by(|later, earlier| later.seq == earlier.seq);
    Ok(found)
}

fn parsed(name: &str, file: &str) -> Option<(String, i64)> {
    let rest = file.strip_prefix(name)?.strip_prefix('.')?;
    let rest = rest.strip_suffix(".gz").unwrap_or(rest);
    let (day, seq) = rest.split_once('-')?;
    let digits = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(day, 8) && digits(seq, 12)).then(|| Some((day.to_owned(), seq.parse().ok()?))).flatten()
}

pub(super) fn rotated_name(path: &Path, day: &str, seq: i64) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(OsString::from(format!(".{day}-{seq:012}")));
    PathBuf::from(name)
}

/// Opens a file for reading, whatever it was compressed with. No link is followed.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let plain = BufReader::new(file);
    Ok(if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(BufReader::new(MultiGzDecoder::new(plain)))
    } else {
        Box::new(plain)
    })
}

/// Reads all lines of one file; the inner error is a line that is not as it was written. `each` is told every proved line.
pub(super) fn walk(
    walk: &mut Walk,
    path: &Path,
    reader: &mut dyn BufRead,
    each: &mut dyn FnMut(i64, &str) -> Result<(), String>,
) -> Result<(u64, bool), BadLine> {
    let (mut buffer, mut number) = (Vec::new(), 0);
    loop {
        let bad =
            |walk: &Walk, why: String| BadLine { file: path.to_owned(), line: number + 1, seq: walk.newest(), why };
        match next_line(reader, &mut buffer) {
            Ok(Next::End) => return Ok((number, false)),
            Ok(Next::Torn) => return Ok((number, true)),
            Ok(Next::TooLong) => return Err(bad(walk, "is longer than a line can be".to_owned())),
            Ok(Next::Line) => {}
            Err(error) => return Err(bad(walk, format!("cannot be read: {error}"))),
        }
        let told = walk.line(&buffer).and_then(|(seq, hash)| each(seq, &hash));
        if let Err(why) = told {
            return Err(bad(walk, why));
        }
        number += 1;
    }
}

/// Checks files, oldest first, as one chain. `each` is told the number and hash of every proved line, and may object.
///
/// # Errors
/// The first line that is not as it was written.
pub fn check(
    key: &AuditKey,
    files: &[PathBuf],
    mut each: impl FnMut(i64, &str) -> Result<(), String>,
) -> Result<Checked, BadLine> {
    let mut walker = Walk::new(key);
    let mut checked = Checked { whole: true, ..Checked::default() };
    let mut first = None;
    for path in files {
        let mut reader = open(path).map_err(|error| BadLine {
            file: path.clone(),
            line: 0,
            seq: walker.newest(),
            why: format!("cannot be opened: {error}"),
        })?;
        let mut told = |seq, hash: &str| {
            first.get_or_insert(seq);
            each(seq, hash)
        };
        let (lines, torn) = walk(&mut walker, path, &mut reader, &mut told)?;
        if torn && Some(path) != files.last() {
            let why = "is cut off, and another file follows".to_owned();
            return Err(BadLine { file: path.clone(), line: lines + 1, seq: walker.newest(), why });
        }
        checked.lines += lines;
        checked.torn = torn;
        checked.files.push(path.clone());
    }
    checked.whole = walker.whole;
    checked.span = first.zip(walker.newest());
    Ok(checked)
}

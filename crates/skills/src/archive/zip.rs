//! Zip archives, read by their directory. Where directory and local heads differ, or parts overlap, programs disagree about what
//! an archive holds, so such a one is refused.

use std::io::{self, Read, Seek, SeekFrom};

use flate2::{Crc, read::DeflateDecoder};

use super::{Taking, damaged};
use crate::{Refused, names::shown};

/// Bytes of the record at the end, and of the longest remark behind it.
const END: usize = 22;
const REMARK: u64 = 0xffff;
/// Bytes of the directory.
const DIRECTORY: u64 = 16 << 20;
/// Bytes of the fixed part of a head in the directory, and of a local one.
const CENTRAL: usize = 46;
const LOCAL: usize = 30;

/// What the kind of a file is in the mode of a Unix file.
const KIND: u32 = 0o170_000;

/// What the directory says about one file or folder.
struct Entry {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    at: u64,
    folder: bool,
    executable: bool,
}

pub(super) fn unpack(mut archive: impl Read + Seek, size: u64, taking: &mut Taking<'_>) -> Result<(), Refused> {
    let (directory, count, begins) = directory(&mut archive, size)?;
    let entries = entries(&directory, count, taking)?;
    let mut parts = Vec::with_capacity(entries.len());
    for entry in &entries {
        parts.push(place(&mut archive, entry, begins)?);
    }
    let mut order: Vec<_> = parts.iter().zip(&entries).map(|(part, entry)| (entry.at, part.1)).collect();
    order.sort_unstable();
    if order.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        return Err(Refused::Damaged("parts of it overlap".to_owned()));
    }
    for (entry, (from, _)) in entries.iter().zip(parts) {
        if entry.folder {
            taking.folder(&entry.name)?;
            continue;
        }
        archive.seek(SeekFrom::Start(from)).map_err(damaged)?;
        let packed = archive.by_ref().take(entry.packed);
        let bytes: Box<dyn Read + '_> =
            if entry.method == 0 { Box::new(packed) } else { Box::new(DeflateDecoder::new(packed)) };
        let mut checked = Checked { bytes, left: entry.size, crc: Crc::new(), wanted: entry.crc };
        taking.file(&entry.name, entry.executable, &mut checked)?;
        // Whoever took it has read it to its end, where its sum was compared; litter is not read.
    }
    Ok(())
}

/// The directory as bytes, how many entries it has, and where it begins.
fn directory(archive: &mut (impl Read + Seek), size: u64) -> Result<(Vec<u8>, usize, u64), Refused> {
    let wrong = |what: &str| Err(Refused::Damaged(what.to_owned()));
    let from = size.saturating_sub(END as u64 + REMARK);
    archive.seek(SeekFrom::Start(from)).map_err(damaged)?;
    let mut tail = Vec::new();
    archive.by_ref().take(END as u64 + REMARK).read_to_end(&mut tail).map_err(damaged)?;
    let ends = |at: &usize| {
        let record = &tail[*at..];
        record.starts_with(b"PK\x05\x06") && usize::from(u16_at(record, 20)) == record.len() - END
    };
    let Some(at) = tail.len().checked_sub(END).and_then(|last| (0..=last).rev().find(ends)) else {
        return wrong("its end is missing");
    };
    let record = &tail[at..];
    let (count, count_here) = (u16_at(record, 10), u16_at(record, 8));
    let (length, begins) = (u64::from(u32_at(record, 12)), u64::from(u32_at(record, 16)));
    if u32_at(record, 4) != 0 || count != count_here {
        return wrong("it is one of several parts");
    }
    if count == u16::MAX || length == u64::from(u32::MAX) || begins == u64::from(u32::MAX) {
        return wrong("it is of the large kind (zip64), which no skill needs");
    }
    if length > DIRECTORY {
        return Err(Refused::Large(format!("its directory has more than {} MiB", DIRECTORY >> 20)));
    }
    if begins + length != from + at as u64 {
        return wrong("its directory is not where it should be");
    }
    archive.seek(SeekFrom::Start(begins)).map_err(damaged)?;
    let mut directory = Vec::new();
    archive.by_ref().take(length).read_to_end(&mut directory).map_err(damaged)?;
    Ok((directory, usize::from(count), begins))
}

/// What the directory says, checked as far as it can be by itself.
fn entries(mut directory: &[u8], count: usize, taking: &mut Taking<'_>) -> Result<Vec<Entry>, Refused> {
    let mut entries = Vec::new();
    for _ in 0..count {
        taking.budget.entry()?;
        let whole = (directory.len() >= CENTRAL && directory.starts_with(b"PK\x01\x02")).then(|| {
            let length = |at| usize::from(u16_at(directory, at));
            (length(28), CENTRAL + length(28) + length(30) + length(32))
        });
        let Some((name, whole)) = whole.filter(|(_, whole)| *whole <= directory.len()) else {
            return Err(Refused::Damaged("its directory is cut off".to_owned()));
        };
        let (head, rest) = directory.split_at(whole);
        directory = rest;
        entries.push(entry(head, &head[CENTRAL..CENTRAL + name])?);
    }
    if !directory.is_empty() {
        return Err(Refused::Damaged("its directory is longer than it says".to_owned()));
    }
    // What is said now is what may come later, so a bomb is refused before anything of it is unpacked.
    for entry in &entries {
        taking.budget.take(entry.size)?;
    }
    Ok(entries)
}

fn entry(head: &[u8], name: &[u8]) -> Result<Entry, Refused> {
    let kind = |what| Err(Refused::Kind { name: shown(name), what });
    let (flags, method) = (u16_at(head, 8), u16_at(head, 10));
    if flags & 0x2041 != 0 {
        return kind("encrypted");
    }
    if method != 0 && method != 8 {
        return kind("packed in a way that is not read");
    }
    let (packed, size) = (u64::from(u32_at(head, 20)), u64::from(u32_at(head, 24)));
    let at = u64::from(u32_at(head, 42));
    if [packed, size, at].contains(&u64::from(u32::MAX)) || u16_at(head, 34) != 0 {
        return Err(Refused::Damaged(format!("\"{}\" is larger than any file of a skill", shown(name))));
    }
    let (mode, attributes) = (u32_at(head, 38) >> 16, u32_at(head, 38));
    let slash = name.last() == Some(&b'/');
    let folder = match mode & KIND {
        0 => slash || attributes & 0x10 != 0,
        0o100_000 => slash,
        0o040_000 => true,
        0o120_000 => return kind("a symbolic link"),
        0o010_000 => return kind("a pipe"),
        0o020_000 | 0o060_000 => return kind("a device"),
        0o140_000 => return kind("a socket"),
        _ => return kind("of no known kind"),
    };
    if folder && (size != 0 || !slash) {
        return kind("a folder with content");
    }
    if method == 0 && packed != size {
        return Err(Refused::Damaged(format!("the sizes of \"{}\" differ", shown(name))));
    }
    let executable = mode & 0o100 != 0;
    Ok(Entry { name: name.to_vec(), flags, method, crc: u32_at(head, 16), packed, size, at, folder, executable })
}

/// Where the bytes of an entry begin and end, by its local head, which must say the same.
fn place(archive: &mut (impl Read + Seek), entry: &Entry, directory: u64) -> Result<(u64, u64), Refused> {
    let differs = || Refused::Damaged(format!("directory and content differ about \"{}\"", shown(&entry.name)));
    archive.seek(SeekFrom::Start(entry.at)).map_err(damaged)?;
    let mut head = [0; LOCAL];
    archive.read_exact(&mut head).map_err(|_| differs())?;
    let name = usize::from(u16_at(&head, 26));
    if !head.starts_with(b"PK\x03\x04") || name != entry.name.len() {
        return Err(differs());
    }
    let mut local = vec![0; name];
    archive.read_exact(&mut local).map_err(|_| differs())?;
    // With this flag the sizes stand behind the bytes, and here only zeros.
    let later = entry.flags & 8 != 0;
    let says = |at: usize, wanted: u64| u64::from(u32_at(&head, at)) == wanted || later && u32_at(&head, at) == 0;
    let sizes = says(14, u64::from(entry.crc)) && says(18, entry.packed) && says(22, entry.size);
    if local != entry.name || u16_at(&head, 6) != entry.flags || u16_at(&head, 8) != entry.method || !sizes {
        return Err(differs());
    }
    let from = entry.at + LOCAL as u64 + name as u64 + u64::from(u16_at(&head, 28));
    let to = from + entry.packed;
    if to > directory {
        return Err(Refused::Damaged("parts of it overlap".to_owned()));
    }
    Ok((from, to))
}

/// Bytes of a file: as many as were promised, and these.
struct Checked<'a> {
    bytes: Box<dyn Read + 'a>,
    left: u64,
    crc: Crc,
    wanted: u32,
}

impl Read for Checked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let wrong = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidData, what.to_owned()));
        if into.is_empty() {
            return Ok(0);
        }
        if self.left == 0 {
            if self.bytes.read(&mut [0])? != 0 {
                return wrong("a file is longer than the archive says");
            }
            return if self.crc.sum() == self.wanted { Ok(0) } else { wrong("the sum of a file is wrong") };
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(into.len());
        let read = self.bytes.read(&mut into[..most])?;
        if read == 0 {
            return wrong("a file is shorter than the archive says");
        }
        self.crc.update(&into[..read]);
        self.left -= read as u64;
        Ok(read)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |bytes| u16::from_le_bytes([bytes[0], bytes[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}

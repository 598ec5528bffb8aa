//! Tar archives, plain and packed with gzip. Heads are taken one by one, as they are; long names are put together here, so that
//! each of them is bounded and checked like any other.

use std::io::{self, Read};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType, PaxExtensions};

use super::{Taking, damaged};
use crate::{Refused, names::shown};

/// Bytes of a name that stands in a part of its own.
const NAME: u64 = 4096;
/// Bytes of a head's extension.
const EXTENSION: u64 = 64 << 10;
/// Bytes that may follow the end of an archive, which fills a block.
const PADDING: u64 = 1 << 20;
/// Bytes of heads and of what fills blocks up, for each entry.
const FRAME: u64 = 4 << 10;

pub(super) fn unpack_gz(archive: impl Read, taking: &mut Taking<'_>) -> Result<(), Refused> {
    // What the entries hold is counted; this bounds what stands between them.
    let most = taking.budget.most().saturating_add(10_000 * FRAME).saturating_add(PADDING);
    let mut plain = GzDecoder::new(archive).take(most);
    unpack(&mut plain, taking)?;
    // To the end, where the sum stands.
    match io::copy(&mut plain.take(PADDING), &mut io::sink()) {
        Ok(rest) if rest < PADDING => Ok(()),
        Ok(_) => Err(Refused::Damaged("much follows its end".to_owned())),
        Err(error) => Err(damaged(error)),
    }
}

/// What extensions said about the entry that follows.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    pending: bool,
}

pub(super) fn unpack(archive: impl Read, taking: &mut Taking<'_>) -> Result<(), Refused> {
    let mut archive = Archive::new(archive);
    let mut said = Said::default();
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        taking.budget.entry()?;
        let head = entry.header().clone();
        let size = head.entry_size().map_err(damaged)?;
        match head.entry_type() {
            EntryType::GNULongName => {
                let mut name = whole(&mut entry, size, NAME)?;
                if name.last() == Some(&0) {
                    name.pop();
                }
                said.named(name)?;
                continue;
            }
            // A link follows, and is refused.
            EntryType::GNULongLink => {
                whole(&mut entry, size, NAME)?;
                continue;
            }
            EntryType::XHeader => {
                said.extended(&whole(&mut entry, size, EXTENSION)?)?;
                continue;
            }
            EntryType::XGlobalHeader => {
                let mut all = Said::default();
                all.extended(&whole(&mut entry, size, EXTENSION)?)?;
                if all.name.is_some() || all.size.is_some() {
                    return Err(Refused::Damaged("it gives all of its files one name or size".to_owned()));
                }
                continue;
            }
            _ => {}
        }
        let Said { name, size: other, .. } = std::mem::take(&mut said);
        let name = name.unwrap_or_else(|| head.path_bytes().into_owned());
        let kind = |what| Err(Refused::Kind { name: shown(&name), what });
        if other.is_some_and(|other| other != size) {
            return Err(Refused::Damaged(format!("the sizes of \"{}\" differ", shown(&name))));
        }
        let slash = name.last() == Some(&b'/');
        match head.entry_type() {
            EntryType::Directory if size != 0 => return kind("a folder with content"),
            EntryType::Directory => taking.folder(&name)?,
            // As the oldest tars wrote folders.
            EntryType::Regular if slash && size == 0 => taking.folder(&name)?,
            EntryType::Regular => {
                taking.budget.take(size)?;
                let executable = head.mode().map_err(damaged)? & 0o100 != 0;
                let mut bytes = Promised { bytes: &mut entry, left: size };
                taking.file(&name, executable, &mut bytes)?;
            }
            EntryType::Symlink => return kind("a symbolic link"),
            EntryType::Link => return kind("a hard link"),
            EntryType::Char | EntryType::Block => return kind("a device"),
            EntryType::Fifo => return kind("a pipe"),
            EntryType::GNUSparse => return kind("a file with holes"),
            _ => return kind("of no known kind"),
        }
    }
    if said.pending {
        return Err(Refused::Damaged("it ends before the file that it names".to_owned()));
    }
    Ok(())
}

/// All bytes of a part that says something about the next.
fn whole(entry: &mut impl Read, size: u64, most: u64) -> Result<Vec<u8>, Refused> {
    if size > most {
        return Err(Refused::Large(format!("a name or its like has more than {most} bytes")));
    }
    let mut bytes = Vec::new();
    entry.take(size).read_to_end(&mut bytes).map_err(damaged)?;
    if bytes.len() as u64 != size {
        return Err(Refused::Damaged("it is cut off".to_owned()));
    }
    Ok(bytes)
}

impl Said {
    fn named(&mut self, name: Vec<u8>) -> Result<(), Refused> {
        self.pending = true;
        // Programs disagree about which of two counts.
        if self.name.replace(name).is_some() {
            return Err(Refused::Damaged("it gives one file two names".to_owned()));
        }
        Ok(())
    }

    fn extended(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        self.pending = true;
        for extension in PaxExtensions::new(bytes) {
            let extension = extension.map_err(damaged)?;
            let value = extension.value_bytes();
            match extension.key_bytes() {
                b"path" => self.named(value.to_vec())?,
                b"size" => {
                    let size = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                    self.size = Some(size.ok_or_else(|| Refused::Damaged("a size is no number".to_owned()))?);
                }
                key if key.starts_with(b"GNU.sparse.") => {
                    return Err(Refused::Damaged("it has files with holes".to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// As many bytes as were promised.
struct Promised<'a, R> {
    bytes: &'a mut R,
    left: u64,
}

impl<R: Read> Read for Promised<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(into)?;
        if read == 0 && self.left > 0 && !into.is_empty() {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

//! Archives: zip, tar and tar.gz, told from each other by what they hold and not by their names. Nothing is believed that an
//! archive says about itself before it is checked.

mod tape;
mod zip;

use std::io::{Read, Seek, SeekFrom};

use super::{Names, Refused, budget::Budget};

/// Bytes at the begin that tell what an archive is.
const HEAD: usize = 512;

/// Where the content of an archive goes. Names are checked, and none comes twice, though the folders that a file lies in may not
/// come by themselves.
pub trait Contents {
    /// Takes a folder.
    ///
    /// # Errors
    /// It cannot be kept.
    fn folder(&mut self, path: &[String]) -> Result<(), Refused>;

    /// Takes a file, whose bytes are read to their end.
    ///
    /// # Errors
    /// It cannot be kept, or read.
    fn file(&mut self, path: &[String], executable: bool, bytes: &mut dyn Read) -> Result<(), Refused>;
}

/// Takes an archive apart.
///
/// # Errors
/// [`Refused`]; what came until then is nothing that may be used.
pub fn unpack(mut archive: impl Read + Seek, into: &mut dyn Contents) -> Result<(), Refused> {
    let size = archive.seek(SeekFrom::End(0)).map_err(damaged)?;
    let mut budget = Budget::new(Some(size))?;
    archive.seek(SeekFrom::Start(0)).map_err(damaged)?;
    let mut head = Vec::new();
    archive.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(damaged)?;
    archive.seek(SeekFrom::Start(0)).map_err(damaged)?;
    let mut taking = Taking { names: Names::default(), budget: &mut budget, into };
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        zip::unpack(archive, size, &mut taking)
    } else if head.starts_with(&[0x1f, 0x8b]) {
        tape::unpack_gz(archive, &mut taking)
    } else if head.get(257..262) == Some(b"ustar") {
        tape::unpack(archive, &mut taking)
    } else {
        Err(Refused::Damaged("it is neither a zip, nor a tar, nor a tar.gz archive".to_owned()))
    }
}

/// Checks what comes, and passes it on.
struct Taking<'a> {
    names: Names,
    budget: &'a mut Budget,
    into: &'a mut dyn Contents,
}

impl Taking<'_> {
    /// Whether a name is of what archivers of one system add for themselves.
    fn is_litter(name: &[u8]) -> bool {
        name.starts_with(b"__MACOSX/") || name.ends_with(b".DS_Store")
    }

    fn folder(&mut self, name: &[u8]) -> Result<(), Refused> {
        if Self::is_litter(name) {
            return Ok(());
        }
        let path = self.names.take(name, false)?;
        if path.is_empty() { Ok(()) } else { self.into.folder(&path) }
    }

    fn file(&mut self, name: &[u8], executable: bool, bytes: &mut dyn Read) -> Result<(), Refused> {
        if Self::is_litter(name) {
            return Ok(());
        }
        let path = self.names.take(name, true)?;
        self.into.file(&path, executable, bytes)
    }
}

fn damaged(error: impl std::fmt::Display) -> Refused {
    Refused::Damaged(error.to_string())
}

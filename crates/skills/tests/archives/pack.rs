//! Archives as nobody's tools would write them.

use std::io::Write;

use flate2::{Compression, Crc, write::GzEncoder};

/// A skill's text.
pub(crate) const SKILL: &[u8] = b"---\nname: notes\ndescription: Keeps notes.\n---\n# Notes\n";

/// A file or folder of a zip archive, and what is said wrongly about it.
pub(crate) struct Zipped {
    pub(crate) name: Vec<u8>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    /// Another name in the local head.
    pub(crate) local: Option<Vec<u8>>,
    /// Another size.
    pub(crate) size: Option<u32>,
    /// Another sum.
    pub(crate) crc: Option<u32>,
    /// As many bytes of the one before.
    pub(crate) at_first: bool,
}

/// A plain file.
pub(crate) fn zipped(name: impl AsRef<[u8]>, bytes: &[u8]) -> Zipped {
    Zipped {
        name: name.as_ref().to_vec(),
        bytes: bytes.to_vec(),
        mode: 0o100_644,
        flags: 0,
        method: 8,
        local: None,
        size: None,
        crc: None,
        at_first: false,
    }
}

/// Writes a zip archive.
pub(crate) fn zip(entries: &[Zipped]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = if entry.method == 8 { deflated(&entry.bytes) } else { entry.bytes.clone() };
        let mut crc = Crc::new();
        crc.update(&entry.bytes);
        let crc = entry.crc.unwrap_or(crc.sum());
        let size = entry.size.unwrap_or(u32::try_from(entry.bytes.len()).unwrap());
        let at = if entry.at_first { 0 } else { u32::try_from(archive.len()).unwrap() };
        let mut facts = Vec::new();
        for word in [entry.flags, entry.method, 0, 0] {
            facts.extend(word.to_le_bytes());
        }
        for number in [crc, u32::try_from(packed.len()).unwrap(), size] {
            facts.extend(number.to_le_bytes());
        }
        let local = entry.local.as_ref().unwrap_or(&entry.name);
        if !entry.at_first {
            archive.extend(b"PK\x03\x04\x14\x00");
            archive.extend(&facts);
            archive.extend(u16::try_from(local.len()).unwrap().to_le_bytes());
            archive.extend(0_u16.to_le_bytes());
            archive.extend(local);
            archive.extend(&packed);
        }
        directory.extend(b"PK\x01\x02\x14\x03\x14\x00");
        directory.extend(&facts);
        directory.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        directory.extend([0; 8]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&entry.name);
    }
    let begins = u32::try_from(archive.len()).unwrap();
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    for _ in 0..2 {
        archive.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
    }
    archive.extend(u32::try_from(directory.len()).unwrap().to_le_bytes());
    archive.extend(begins.to_le_bytes());
    archive.extend(0_u16.to_le_bytes());
    archive
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A part of a tar archive.
pub(crate) struct Taped {
    pub(crate) name: Vec<u8>,
    pub(crate) kind: u8,
    pub(crate) bytes: Vec<u8>,
    pub(crate) mode: u32,
    /// Another size.
    pub(crate) size: Option<u64>,
}

/// A part of this kind.
pub(crate) fn taped(kind: u8, name: impl AsRef<[u8]>, bytes: &[u8]) -> Taped {
    Taped { name: name.as_ref().to_vec(), kind, bytes: bytes.to_vec(), mode: 0o644, size: None }
}

/// A line of an extended head.
pub(crate) fn extended(key: &str, value: &str) -> Taped {
    let rest = format!(" {key}={value}\n");
    let mut length = rest.len() + 1;
    while length != rest.len() + length.to_string().len() {
        length = rest.len() + length.to_string().len();
    }
    taped(b'x', "extended", format!("{length}{rest}").as_bytes())
}

/// Writes a tar archive.
pub(crate) fn tar(entries: &[Taped]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..entry.name.len()].copy_from_slice(&entry.name);
        header.set_entry_type(tar::EntryType::new(entry.kind));
        header.set_mode(entry.mode);
        header.set_size(entry.size.unwrap_or(entry.bytes.len() as u64));
        if matches!(entry.kind, b'1' | b'2') {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        archive.extend(header.as_bytes());
        archive.extend(&entry.bytes);
        archive.resize(archive.len().next_multiple_of(512), 0);
    }
    archive.resize(archive.len() + 1024, 0);
    archive
}

pub(crate) fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

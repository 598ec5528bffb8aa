//! Any bytes as an archive of a skill.
//!
//! Never panics or hangs; no name that comes out leads out of its folder or comes twice; and no more comes out than one archive of
//! this size may hold.
#![no_main]

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use libfuzzer_sys::fuzz_target;
use openclaw_skills::{Contents, Refused, read_front, unpack};

/// Bytes that may come of anything, and of each packed byte.
const FREE: u64 = 1 << 20;
const RATIO: u64 = 100;

/// Counts what comes.
#[derive(Default)]
struct Counted {
    files: BTreeSet<String>,
    bytes: u64,
}

impl Counted {
    fn plain(path: &[String]) {
        assert!(!path.is_empty());
        for part in path {
            let bad = part.is_empty() || part == "." || part == ".." || part.contains(['/', '\\', '\0', ':']);
            assert!(!bad, "{path:?}");
        }
    }
}

impl Contents for Counted {
    fn folder(&mut self, path: &[String]) -> Result<(), Refused> {
        Self::plain(path);
        Ok(())
    }

    fn file(&mut self, path: &[String], _: bool, bytes: &mut dyn Read) -> Result<(), Refused> {
        Self::plain(path);
        assert!(self.files.insert(path.join("/").to_lowercase()), "{path:?} twice");
        let mut buffer = [0; 4096];
        loop {
            match bytes.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => self.bytes += read as u64,
                Err(error) => return Err(Refused::Damaged(error.to_string())),
            }
        }
    }
}

fuzz_target!(|input: &[u8]| {
    let mut counted = Counted::default();
    let _ = unpack(Cursor::new(input), &mut counted);
    assert!(counted.bytes <= (input.len() as u64 * RATIO).max(FREE));
    assert!(counted.files.len() <= 10_000);
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = read_front(text, "folder");
    }
});

//! Good archives with something wrong in them, many times over: whatever comes out has plain names, once each, and is bounded.

use std::{
    collections::BTreeSet,
    io::{Cursor, Read},
};

use openclaw_skills::{Contents, Refused, unpack};

use crate::pack::{SKILL, extended, gz, taped, tar, zip, zipped};

/// Checks and counts what comes.
#[derive(Default)]
struct Counted {
    files: BTreeSet<String>,
    bytes: usize,
}

impl Contents for Counted {
    fn folder(&mut self, path: &[String]) -> Result<(), Refused> {
        plain(path);
        Ok(())
    }

    fn file(&mut self, path: &[String], _: bool, bytes: &mut dyn Read) -> Result<(), Refused> {
        plain(path);
        assert!(self.files.insert(path.join("/").to_lowercase()), "{path:?} twice");
        let mut all = Vec::new();
        bytes.read_to_end(&mut all).map_err(|error| Refused::Damaged(error.to_string()))?;
        self.bytes += all.len();
        Ok(())
    }
}

fn plain(path: &[String]) {
    assert!(!path.is_empty());
    for part in path {
        let bad = part.is_empty() || part == "." || part == ".." || part.contains(['/', '\\', '\0', ':']);
        assert!(!bad, "{path:?}");
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (most.max(1) as u64)).unwrap()
    }

    /// The same with a few things wrong.
    fn spoil(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes.truncate(at),
                1 => bytes[at] ^= 1 << self.below(8),
                2 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                3 => {
                    let to = at + self.below(bytes.len() - at);
                    let copy = bytes[at..to].to_vec();
                    bytes.splice(at..at, copy);
                }
                _ => {
                    let to = at + self.below((bytes.len() - at).min(8));
                    bytes.drain(at..to);
                }
            }
        }
        bytes
    }
}

#[test]
fn whatever_is_wrong_with_an_archive_its_names_are_plain_and_its_bytes_bounded() {
    let entries = [
        taped(b'0', "SKILL.md", SKILL),
        taped(b'5', "scripts/", b""),
        extended("path", "scripts/a-name.sh"),
        taped(b'0', "short", b"#!/bin/sh\n"),
        taped(b'L', "././@LongLink", b"scripts/another-name.sh\0"),
        taped(b'0', "short", b"#!/bin/sh\n"),
    ];
    let zeros = vec![0; 4096];
    let zipped = zip(&[zipped("notes/SKILL.md", SKILL), zipped("notes/zeros", &zeros), zipped("notes/run.sh", b"x")]);
    let goods = [zipped, tar(&entries), gz(&tar(&entries))];
    for good in &goods {
        let mut counted = Counted::default();
        unpack(Cursor::new(good), &mut counted).unwrap();
        assert_eq!(counted.files.len(), 3);
    }
    let mut dice = Dice(0x5eed);
    for round in 0..6000 {
        let bytes = dice.spoil(&goods[round % goods.len()]);
        let mut counted = Counted::default();
        let _ = unpack(Cursor::new(&bytes), &mut counted);
        assert!(counted.bytes <= (bytes.len() * 100).max(1 << 20), "round {round}");
    }
}

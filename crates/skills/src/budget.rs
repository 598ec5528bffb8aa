//! How much one skill may hold.

use super::Refused;

/// Files and folders.
pub(super) const ENTRIES: usize = 10_000;
/// Bytes in all.
pub(super) const BYTES: u64 = 200 << 20;
/// How many bytes may come of one packed byte.
const RATIO: u64 = 100;
/// Bytes that may come of anything, because a short text may well be packed to nearly nothing.
const FREE: u64 = 1 << 20;

/// What is left of what a skill may hold.
#[derive(Debug)]
pub(super) struct Budget {
    entries: usize,
    bytes: u64,
    most: u64,
}

impl Budget {
    /// For something of this many packed bytes; `None` when it is not packed.
    pub(super) fn new(packed: Option<u64>) -> Result<Self, Refused> {
        if packed.is_some_and(|packed| packed > BYTES) {
            return Err(Refused::Large(format!("the archive has more than {} MiB", BYTES >> 20)));
        }
        let most = packed.map_or(BYTES, |packed| packed.saturating_mul(RATIO).clamp(FREE, BYTES));
        Ok(Self { entries: ENTRIES, bytes: most, most })
    }

    /// One more file or folder.
    pub(super) fn entry(&mut self) -> Result<(), Refused> {
        match self.entries.checked_sub(1) {
            Some(left) => self.entries = left,
            None => return Err(Refused::Large(format!("it has more than {ENTRIES} files and folders"))),
        }
        Ok(())
    }

    /// Bytes that are about to come.
    pub(super) fn take(&mut self, bytes: u64) -> Result<(), Refused> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => self.bytes = left,
            None if self.most < BYTES => {
                return Err(Refused::Large(format!("more than {RATIO} bytes would come of each byte of the archive")));
            }
            None => return Err(Refused::Large(format!("it has more than {} MiB", BYTES >> 20))),
        }
        Ok(())
    }

    /// The most bytes that were allowed.
    pub(super) const fn most(&self) -> u64 {
        self.most
    }
}

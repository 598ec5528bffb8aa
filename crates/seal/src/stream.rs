//! A file that is sealed as a stream, so that it may be larger than memory and that no part of it can be taken out, moved or cut off.

use std::{
    fmt,
    io::{self, Read, Write},
    path::Path,
};

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce};
use openclaw_core::Ids;

use crate::{Derivation, Guard, KeyError, KeyRing, Means, Protection, envelope::Envelope, file, ring, value};

const MAGIC: &[u8] = b"OPENCLAW SEALED 1\n";
/// Bytes that are sealed together.
pub const CHUNK: usize = 64 << 10;
const TAG: usize = 16;
/// Longest top of a file.
const MAX_TOP: usize = 16 << 10;
const LABEL: &str = "openclaw stream 1";

/// What stands before a sealed stream, in the open: how its key is wrapped.
#[derive(Clone, Debug)]
pub struct StreamTop {
    envelope: Envelope,
    bytes: Vec<u8>,
}

impl StreamTop {
    /// Reads the top of a stream; `None` when it is no sealed one, and then what was read is given back.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] when it begins as one and is none, [`KeyError::Io`].
    pub fn read(from: &mut impl Read, path: &Path) -> Result<Result<Self, Vec<u8>>, KeyError> {
        let damaged = |why: &str| KeyError::Damaged { path: path.to_owned(), why: why.to_owned() };
        let mut start = Vec::new();
        from.take(MAGIC.len() as u64).read_to_end(&mut start).map_err(file::io("read", path))?;
        if start != MAGIC {
            return Ok(Err(start));
        }
        let mut length = [0; 4];
        from.read_exact(&mut length).map_err(|_| damaged("it ends in its top"))?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > MAX_TOP {
            return Err(damaged("its top is too long"));
        }
        let mut bytes = vec![0; length];
        from.read_exact(&mut bytes).map_err(|_| damaged("it ends in its top"))?;
        let text = std::str::from_utf8(&bytes).map_err(|_| damaged("its top is not text"))?;
        Ok(Ok(Self { envelope: Envelope::read(text, path)?, bytes }))
    }

    /// What its key is wrapped by.
    #[must_use]
    pub const fn guard(&self) -> &Guard {
        &self.envelope.guard
    }
}

fn stream_key(key: &[u8; 32], top: &[u8]) -> LessSafeKey {
    // Bound to the top, which so cannot be changed.
    let top = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, top);
    let part: String = top.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    value::gcm_key(&value::derive(key, LABEL, &part))
}

/// The number of a chunk and whether it is the last. Each stream has a key of its own, so no nonce is used twice.
fn nonce(number: u64, last: bool) -> Nonce {
    let mut nonce = [0; NONCE_LEN];
    nonce[..8].copy_from_slice(&number.to_be_bytes());
    nonce[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(nonce)
}

/// Seals what is written to it. Without [`StreamSealer::finish`] the stream is one that was cut off.
pub struct StreamSealer<W> {
    to: W,
    key: LessSafeKey,
    chunk: Vec<u8>,
    number: u64,
}

impl<W> fmt::Debug for StreamSealer<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSealer").finish_non_exhaustive()
    }
}

impl<W: Write> StreamSealer<W> {
    /// Begins a stream with a key of its own, wrapped by the key file, the passphrase, or else `keys/backup.key`, which is made when
    /// it is not there yet.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn begin(
        mut to: W,
        (ring, means, wish): (&KeyRing, &Means, &Protection),
        derivation: Derivation,
        ids: &Ids,
        now_ms: i64,
    ) -> Result<Self, KeyError> {
        let (envelope, key) = ring::alone(ring, means, wish, derivation, ids, now_ms)?;
        let top = envelope.text().into_bytes();
        let length = u32::try_from(top.len()).unwrap_or(u32::MAX).to_be_bytes();
        let write = |to: &mut W| -> io::Result<()> {
            to.write_all(MAGIC)?;
            to.write_all(&length)?;
            to.write_all(&top)
        };
        write(&mut to).map_err(file::io("write", Path::new("the sealed file")))?;
        Ok(Self { to, key: stream_key(&key, &top), chunk: Vec::with_capacity(CHUNK + TAG), number: 0 })
    }

    fn put(&mut self, last: bool) -> io::Result<()> {
        self.key
            .seal_in_place_append_tag(nonce(self.number, last), Aad::empty(), &mut self.chunk)
            .map_err(|_| io::Error::other("a part could not be sealed"))?;
        self.number += 1;
        self.to.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }

    /// Ends the stream.
    ///
    /// # Errors
    /// What the writer below gives.
    pub fn finish(mut self) -> io::Result<W> {
        self.put(true)?;
        self.to.flush()?;
        Ok(self.to)
    }
}

impl<W: Write> Write for StreamSealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits for what follows, because the last one is marked.
        if self.chunk.len() == CHUNK {
            self.put(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Opens what was sealed. What it gives was proved before; an error means that the rest cannot be.
pub struct StreamOpener<R> {
    from: R,
    key: LessSafeKey,
    plain: Vec<u8>,
    given: usize,
    /// What was read beyond the chunk at work, to know whether that is the last.
    ahead: Vec<u8>,
    number: u64,
    ended: bool,
}

impl<R> fmt::Debug for StreamOpener<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamOpener").finish_non_exhaustive()
    }
}

impl<R: Read> StreamOpener<R> {
    /// Opens the stream behind its top.
    ///
    /// # Errors
    /// [`KeyError`] when what wraps its key is not there or another one.
    pub fn open(from: R, top: &StreamTop, ring: &KeyRing, means: &Means, path: &Path) -> Result<Self, KeyError> {
        let key = ring::opened(ring, &top.envelope, means, path)?;
        let key = stream_key(&key, &top.bytes);
        Ok(Self { from, key, plain: Vec::new(), given: 0, ahead: Vec::new(), number: 0, ended: false })
    }

    fn next(&mut self) -> io::Result<()> {
        let wanted = CHUNK + TAG + 1;
        let missing = u64::try_from(wanted - self.ahead.len()).unwrap_or(0);
        self.from.by_ref().take(missing).read_to_end(&mut self.ahead)?;
        let last = self.ahead.len() < wanted;
        let rest = if last { Vec::new() } else { self.ahead.split_off(CHUNK + TAG) };
        let mut chunk = std::mem::replace(&mut self.ahead, rest);
        let opened = self.key.open_in_place(nonce(self.number, last), Aad::empty(), &mut chunk);
        let length = opened.map(|plain| plain.len()).map_err(|_| {
            let what = if last { "was changed near its end, or is cut off" } else { "was changed" };
            let at = self.number.saturating_mul(CHUNK as u64);
            io::Error::new(io::ErrorKind::InvalidData, format!("the file {what} (after {at} bytes)"))
        })?;
        chunk.truncate(length);
        self.number += 1;
        self.ended = last;
        self.plain = chunk;
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for StreamOpener<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.given == self.plain.len() {
            if self.ended {
                return Ok(0);
            }
            self.next()?;
        }
        let taken = into.len().min(self.plain.len() - self.given);
        into[..taken].copy_from_slice(&self.plain[self.given..self.given + taken]);
        self.given += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests;

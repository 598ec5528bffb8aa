//! Bytes to lines.

use bytes::{Buf, Bytes, BytesMut};

/// Splits at LF, CR LF or CR, wherever the chunks end, and drops a leading byte-order mark.
///
/// It looks at every byte once. A CR ends its line at once; an LF that follows, even in a later chunk, belongs to it.
#[derive(Default)]
pub(super) struct Lines {
    buffer: BytesMut,
    scanned: usize,
    skip_lf: bool,
    past_mark: bool,
}

const MARK: &[u8] = b"\xEF\xBB\xBF";

impl Lines {
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// How many bytes wait for the end of their line.
    pub(super) fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole line, without its end.
    pub(super) fn next_line(&mut self) -> Option<Bytes> {
        if self.skip_lf && !self.buffer.is_empty() {
            if self.buffer[0] == b'\n' {
                self.buffer.advance(1);
            }
            self.skip_lf = false;
        }
        if !self.past_mark {
            if self.buffer.len() < MARK.len() && MARK.starts_with(&self.buffer) {
                return None;
            }
            self.past_mark = true;
            if self.buffer.starts_with(MARK) {
                self.buffer.advance(MARK.len());
            }
        }
        let Some(found) = self.buffer[self.scanned..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let end = self.scanned + found;
        self.scanned = 0;
        self.skip_lf = self.buffer[end] == b'\r';
        let line = self.buffer.split_to(end).freeze();
        self.buffer.advance(1);
        Some(line)
    }

    /// What is left when no more bytes come.
    pub(super) fn rest(&mut self) -> Bytes {
        self.scanned = 0;
        let rest = self.buffer.split().freeze();
        if self.skip_lf && rest.first() == Some(&b'\n') { rest.slice(1..) } else { rest }
    }
}

#[cfg(test)]
mod tests;

//! Bytes to frames: server-sent events, or one JSON value per line.

use bytes::{Buf, Bytes, BytesMut};

use super::lines::Lines;
use crate::Error;

/// How a wire separates its frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// Server-sent events. Names of events are not looked at: every wire repeats them in its JSON, and some servers
    /// get them wrong.
    Events,
    /// One JSON value per line.
    Lines,
}

/// One frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The data of one event.
    Data(Bytes),
    /// Something that only shows life.
    Comment,
}

pub(super) struct Frames {
    framing: Framing,
    lines: Lines,
    /// Data lines of the event so far. The first line is kept as it is, because events of one line are the rule.
    first: Option<Bytes>,
    joined: BytesMut,
    max: usize,
    /// Lines of no event before the first event: a server that does not stream answers with plain JSON.
    stray: Vec<u8>,
    any: bool,
}

/// The most bytes of a plain answer that are kept.
const MAX_STRAY: usize = 64 * 1024;

impl Frames {
    pub(super) fn new(framing: Framing, max: usize) -> Self {
        Self {
            framing,
            lines: Lines::default(),
            first: None,
            joined: BytesMut::new(),
            max,
            stray: Vec::new(),
            any: false,
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.lines.push(chunk);
    }

    /// The next whole frame. `Ok(None)` asks for more bytes.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, Error> {
        while let Some(line) = self.lines.next_line() {
            self.check(line.len())?;
            if let Some(frame) = self.line(&line) {
                return Ok(Some(frame));
            }
        }
        self.check(self.lines.waiting())?;
        Ok(None)
    }

    /// The frame that the end of the body completes: a last line without its end. An event without its blank line was
    /// cut and is dropped, as the event-stream rules say.
    pub(super) fn end(&mut self) -> Option<Frame> {
        let rest = self.lines.rest();
        match self.framing {
            Framing::Lines if !blank(&rest) => Some(Frame::Data(rest)),
            Framing::Events if !self.any => {
                self.keep_stray(&rest);
                None
            }
            Framing::Lines | Framing::Events => None,
        }
    }

    /// What came instead of events when the whole body held none.
    pub(super) fn stray(&self) -> Option<&[u8]> {
        let stray = self.stray.trim_ascii();
        (!self.any && !stray.is_empty()).then_some(stray)
    }

    fn keep_stray(&mut self, line: &[u8]) {
        if self.stray.len() + line.len() < MAX_STRAY {
            self.stray.extend_from_slice(line);
            self.stray.push(b'\n');
        }
    }

    fn check(&self, more: usize) -> Result<(), Error> {
        let held = self.first.as_ref().map_or(0, Bytes::len) + self.joined.len();
        if held + more > self.max {
            return Err(Error::Protocol { what: format!("one event is over {} bytes", self.max) });
        }
        Ok(())
    }

    fn line(&mut self, line: &Bytes) -> Option<Frame> {
        if self.framing == Framing::Lines {
            return Some(if blank(line) { Frame::Comment } else { Frame::Data(line.clone()) });
        }
        if line.is_empty() {
            let first = self.first.take()?;
            return Some(Frame::Data(if self.joined.is_empty() { first } else { self.joined.split().freeze() }));
        }
        if line[0] == b':' {
            return Some(Frame::Comment);
        }
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        if &line[..colon] != b"data" {
            if !self.any {
                self.keep_stray(line);
            }
            return None;
        }
        self.any = true;
        let mut value = line.slice((colon + 1).min(line.len())..);
        if value.first() == Some(&b' ') {
            value.advance(1);
        }
        match &self.first {
            None => self.first = Some(value),
            Some(first) => {
                if self.joined.is_empty() {
                    self.joined.extend_from_slice(first);
                }
                self.joined.extend_from_slice(b"\n");
                self.joined.extend_from_slice(&value);
            }
        }
        None
    }
}

fn blank(line: &[u8]) -> bool {
    line.iter().all(u8::is_ascii_whitespace)
}

#[cfg(test)]
mod tests;

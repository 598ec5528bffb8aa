//! Outbound side: frames are copied into one buffer and leave with as few writes as possible.

use crate::{
    header::{LONGEST_CONTROL, Opcode, outbound},
    reader::may_be_sent,
};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::AsyncWrite;

#[cfg(test)]
mod tests;

/// Capacity that an empty buffer may keep for the next frame; a bigger one is given back once it is drained.
const KEEP: usize = 4096;
/// Bytes of pong frames that may wait at once. Beyond it only the newest ping is answered (RFC 6455 §5.5.3), so that a
/// peer that sends pings without reading cannot make the buffer grow.
const WAITING_PONGS: usize = 4096;

/// Frames not yet written.
#[derive(Default)]
pub(crate) struct Writer {
    /// Frames, of which the first `written` bytes have left.
    buffer: Vec<u8>,
    written: usize,
    /// Bytes of pong frames in the buffer; counted down only when the last of them has left.
    pong_bytes: usize,
    /// End of the last pong frame in the buffer.
    pong_end: usize,
    /// Newest ping that found no room.
    unanswered: Option<Vec<u8>>,
    /// Bytes were written since the stream was last flushed.
    unflushed: bool,
    /// Nothing may follow a close frame.
    closed: bool,
}

impl Writer {
    /// Appends one frame of several parts. Frames after a close frame are dropped.
    pub(crate) fn queue(&mut self, opcode: Opcode, parts: &[&[u8]]) {
        if self.closed {
            return;
        }
        // Bytes that have left must not pile up below output that never drains entirely.
        if self.written >= KEEP && self.written * 2 >= self.buffer.len() {
            self.buffer.drain(..self.written);
            self.pong_end = self.pong_end.saturating_sub(self.written);
            self.written = 0;
        }
        let payload = parts.iter().map(|part| part.len()).sum();
        let (header, size) = outbound(opcode, payload);
        self.buffer.reserve(size + payload);
        self.buffer.extend_from_slice(&header[..size]);
        for part in parts {
            self.buffer.extend_from_slice(part);
        }
    }

    /// Answers a ping, or remembers it instead of an older one.
    pub(crate) fn queue_pong(&mut self, payload: Vec<u8>) {
        if self.pong_bytes + payload.len() > WAITING_PONGS {
            self.unanswered = Some(payload);
            return;
        }
        self.queue(Opcode::Pong, &[&payload]);
        self.pong_bytes += payload.len() + 2;
        self.pong_end = self.buffer.len();
    }

    /// Appends the close frame, once. A code that must not be sent (1005, 1006, 1015 …) makes an empty close frame.
    pub(crate) fn queue_close(&mut self, code: u16, reason: &str) {
        if may_be_sent(code) {
            let reason = &reason[..reason.floor_char_boundary(LONGEST_CONTROL - 2)];
            self.queue(Opcode::Close, &[&code.to_be_bytes(), reason.as_bytes()]);
        } else {
            self.queue(Opcode::Close, &[]);
        }
        self.closed = true;
    }

    /// Bytes not yet handed to the stream.
    pub(crate) fn queued(&self) -> usize {
        self.buffer.len() - self.written
    }

    /// Output waits for the stream, here or in the stream's own buffer.
    pub(crate) fn is_waiting(&self) -> bool {
        self.queued() > 0 || self.unflushed
    }

    /// Writes and flushes everything. Cancel safe: what was written is remembered.
    pub(crate) fn poll_flush<S: AsyncWrite + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while self.queued() > 0 {
            let n = ready!(Pin::new(&mut *io).poll_write(cx, &self.buffer[self.written..]))?;
            if n == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written += n;
            self.unflushed = true;
            if self.written >= self.pong_end {
                self.pong_bytes = 0;
                if let Some(ping) = self.unanswered.take() {
                    self.queue_pong(ping);
                }
            }
        }
        self.buffer.clear();
        self.written = 0;
        self.pong_end = 0;
        if self.buffer.capacity() > KEEP {
            self.buffer = Vec::new();
        }
        if self.unflushed {
            ready!(Pin::new(io).poll_flush(cx))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    /// Bytes of memory owned by waiting output.
    pub(crate) fn memory(&self) -> usize {
        self.buffer.capacity() + self.unanswered.as_ref().map_or(0, Vec::capacity)
    }

    /// Gives back an empty buffer.
    pub(crate) fn release_memory(&mut self) {
        if self.queued() == 0 {
            self.buffer = Vec::new();
            self.written = 0;
            self.pong_end = 0;
        }
    }
}

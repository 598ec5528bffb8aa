//! One connection: the reader and the writer joined, control frames answered.

use crate::{
    Error, Message,
    header::Opcode,
    reader::{Incoming, Reader, drain},
    writer::Writer,
};
use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    time::timeout,
};

/// Frames or reads handled by one poll of [`WebSocket::recv`] before it lets other tasks run: a flood of tiny frames
/// on one connection must not hold up the others.
pub const STEPS_PER_POLL: usize = 256;
/// How long [`WebSocket::close`] waits for a peer that does not read.
pub const CLOSE_PATIENCE: Duration = Duration::from_secs(5);
/// How long [`WebSocket::linger`] discards input.
pub const LINGER_PATIENCE: Duration = Duration::from_millis(500);
/// How many bytes [`WebSocket::linger`] discards: the rest of a largest frame, so that its sender still reads why it was refused.
pub const LINGER_BYTES: usize = 32 * 1024 * 1024;

/// Server end of a WebSocket connection whose handshake is done.
///
/// All state is kept here and no method holds anything across an await, so every future may be dropped at any time (in
/// `select!` for example) and called again without loss.
///
/// Memory: nothing while idle, except up to 4 KiB of write buffer that [`release_memory`](Self::release_memory) gives
/// back. While receiving: at most the limit plus 64 KiB. Output is bounded by the user, who sees it in
/// [`queued`](Self::queued); pongs add at most about 4 KiB to it.
pub struct WebSocket<S> {
    io: S,
    reader: Reader,
    writer: Writer,
    /// A close frame, an error or the end of the stream was reported; nothing after it is looked at.
    ended: bool,
}

impl<S> WebSocket<S> {
    /// Takes over `io` after the `101` response. `already_read` are bytes that the HTTP layer read beyond the request;
    /// `limit` is the longest message payload in bytes.
    pub fn server(io: S, already_read: &[u8], limit: usize) -> Self {
        Self { io, reader: Reader::new(already_read, limit), writer: Writer::default(), ended: false }
    }

    /// Changes the longest message payload, in bytes. Applies to every frame whose header has not been read yet.
    pub fn set_limit(&mut self, limit: usize) {
        self.reader.limit = limit;
    }

    /// Another whole frame, of any kind and length, is already in memory: answer it before flushing, so that many
    /// requests share one write. Also true for a frame that is certainly refused; [`recv`](Self::recv) then says why.
    pub fn has_complete_frame(&self) -> bool {
        !self.ended && self.reader.has_complete_frame()
    }

    /// Queues one text frame made of all `parts`, which together must be valid UTF-8.
    pub fn queue_text(&mut self, parts: &[&[u8]]) {
        self.writer.queue(Opcode::Text, parts);
    }

    /// Queues one binary frame made of all `parts`.
    pub fn queue_binary(&mut self, parts: &[&[u8]]) {
        self.writer.queue(Opcode::Binary, parts);
    }

    /// Queues a ping; `payload` is cut to the 125 bytes that a control frame can hold.
    pub fn queue_ping(&mut self, payload: &[u8]) {
        self.writer.queue(Opcode::Ping, &[&payload[..payload.len().min(125)]]);
    }

    /// Queues the close frame. Only the first one counts, and every frame queued after it is dropped.
    ///
    /// `reason` is cut to 123 bytes at a character boundary. With a code that must not be sent, such as 1005, the
    /// frame is empty: the right answer to [`Message::Close`] without a code.
    pub fn queue_close(&mut self, code: u16, reason: &str) {
        self.writer.queue_close(code, reason);
    }

    /// Bytes of output not yet handed to the stream: what a slow peer makes wait.
    pub fn queued(&self) -> usize {
        self.writer.queued()
    }

    /// Whole frames received, control frames and fragments included: any of them is a sign of life.
    pub fn frames_received(&self) -> u64 {
        self.reader.frames
    }

    /// Bytes received: grows while a big frame is still arriving, when [`frames_received`](Self::frames_received) does
    /// not.
    pub fn bytes_received(&self) -> u64 {
        self.reader.bytes
    }

    /// Pongs received, asked for or not.
    pub fn pongs_received(&self) -> u64 {
        self.reader.pongs
    }

    /// Bytes of memory owned by buffers in both directions.
    pub fn memory(&self) -> usize {
        self.reader.memory() + self.writer.memory()
    }

    #[cfg(test)]
    pub(crate) fn io_mut(&mut self) -> &mut S {
        &mut self.io
    }

    /// Gives back empty buffers, for a connection that is about to be idle.
    pub fn release_memory(&mut self) {
        self.writer.release_memory();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> WebSocket<S> {
    /// Receives the next message, answering pings and pushing queued output meanwhile.
    ///
    /// # Errors
    /// [`Error::Protocol`] when the peer broke the protocol or the limit, [`Error::Eof`] when the stream ended,
    /// [`Error::Io`] when it failed. After any of them, and after [`Message::Close`], every call gives [`Error::Eof`].
    pub async fn recv(&mut self) -> Result<Message, Error> {
        poll_fn(|cx| self.poll_recv(cx)).await
    }

    /// Poll form of [`recv`](Self::recv).
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub fn poll_recv(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        if self.ended {
            return Poll::Ready(Err(Error::Eof));
        }
        let result = ready!(self.poll_message(cx));
        if !matches!(result, Ok(Message::Text(_) | Message::Binary(_))) {
            self.ended = true;
            self.reader.discard();
        }
        Poll::Ready(result)
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        for _ in 0..STEPS_PER_POLL {
            let incoming = match self.reader.next()? {
                Some(incoming) => Some(incoming),
                None => {
                    // The peer may wait for these bytes before it sends more.
                    if self.writer.is_waiting()
                        && let Poll::Ready(result) = self.writer.poll_flush(&mut self.io, cx)
                    {
                        result?;
                    }
                    ready!(self.reader.poll_read(&mut self.io, cx))?
                }
            };
            match incoming {
                Some(Incoming::Message(message)) => return Poll::Ready(Ok(message)),
                Some(Incoming::Ping(payload)) => self.writer.queue_pong(payload),
                Some(Incoming::Pong | Incoming::Fragment) | None => {}
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Writes everything queued and flushes the stream.
    ///
    /// # Errors
    /// The error of the stream; the connection is unusable then.
    pub async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|cx| self.poll_flush(cx)).await
    }

    /// Poll form of [`flush`](Self::flush).
    ///
    /// # Errors
    /// As [`flush`](Self::flush).
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.writer.poll_flush(&mut self.io, cx)
    }

    /// Queues the close frame as [`queue_close`](Self::queue_close) does, writes everything and ends the outbound
    /// direction. Gives up after [`CLOSE_PATIENCE`], or when the stream fails: the connection is over either way.
    pub async fn close(&mut self, code: u16, reason: &str) {
        self.queue_close(code, reason);
        let end = async {
            self.flush().await?;
            self.io.shutdown().await
        };
        // Neither a slow nor a vanished peer changes what the caller does next.
        let _ = timeout(CLOSE_PATIENCE, end).await;
    }

    /// Discards input for up to [`LINGER_PATIENCE`] or [`LINGER_BYTES`], until the peer ends its side.
    ///
    /// To be called after [`close`](Self::close) following an error, or when the server closes first: dropping a TCP
    /// stream with unread input resets it, and the peer would never see the close frame.
    pub async fn linger(&mut self) {
        self.ended = true;
        self.reader.discard();
        // Whatever ends it, the stream is dropped next.
        let _ = timeout(LINGER_PATIENCE, drain(&mut self.io, LINGER_BYTES)).await;
    }
}

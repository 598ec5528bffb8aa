//! Inbound side: bytes in, one frame after the other out, fragments put together.

use crate::{
    CloseFrame, Error, Message,
    header::{Header, LONGEST_INBOUND, Opcode, unmask},
};
use bytes::Bytes;
use simdutf8::compat::from_utf8;
use std::{
    io,
    mem::{self, MaybeUninit},
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes asked of the stream at once; also the first step of memory for a frame that arrives in pieces.
const CHUNK: usize = 16 * 1024;
/// Bytes asked of the stream at once while a frame still misses more than [`CHUNK`].
const BIG_CHUNK: usize = 64 * 1024;
/// Empty fragments allowed in one message: they carry nothing, so a long row of them is only a way to burn time.
const EMPTY_FRAGMENTS: u16 = 1024;

/// What one frame meant.
#[derive(Debug, PartialEq)]
pub(crate) enum Incoming {
    /// The frame ended a message, or closed.
    Message(Message),
    /// To be answered with a pong of the same payload.
    Ping(Vec<u8>),
    Pong,
    /// Part of a message that is not whole yet.
    Fragment,
}

/// Assembles frames and messages. Holds bytes of unfinished frames only, so an idle reader owns no memory.
#[derive(Default)]
pub(crate) struct Reader {
    /// Longest message payload, in bytes.
    pub(crate) limit: usize,
    pub(crate) frames: u64,
    pub(crate) bytes: u64,
    pub(crate) pongs: u64,
    /// Bytes read but not looked at, from `carry_at` on: whole frames behind the one that was returned last.
    carry: Vec<u8>,
    carry_at: usize,
    /// Start of a header that is not whole.
    partial: [u8; LONGEST_INBOUND],
    partial_len: usize,
    /// The frame whose payload is arriving.
    frame: Option<Frame>,
    /// The message whose fragments are arriving.
    message: Option<Assembly>,
    /// Payload of the control frame that is arriving.
    control: Vec<u8>,
}

/// Rest of a frame whose header was accepted.
struct Frame {
    opcode: Opcode,
    last: bool,
    /// Key for the next payload byte first.
    mask: [u8; 4],
    /// Payload bytes still to come.
    missing: usize,
}

/// A message in the making.
struct Assembly {
    kind: Kind,
    payload: Vec<u8>,
    /// Length of the prefix known to be UTF-8; only text uses it.
    valid: usize,
    empty_fragments: u16,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Binary,
}

impl Reader {
    pub(crate) fn new(already_read: &[u8], limit: usize) -> Self {
        Self { limit, bytes: already_read.len() as u64, carry: already_read.to_vec(), ..Self::default() }
    }

    /// The next frame from bytes already in memory; `None` when the stream must be read.
    pub(crate) fn next(&mut self) -> Result<Option<Incoming>, Error> {
        if self.carry.is_empty() {
            return Ok(None);
        }
        let carry = mem::take(&mut self.carry);
        let mut input = &carry[self.carry_at..];
        let result = self.consume(&mut input);
        self.carry_at = carry.len() - input.len();
        if input.is_empty() {
            self.carry_at = 0;
        } else {
            self.carry = carry;
        }
        result
    }

    /// Reads once and takes at most one frame out of what came; the rest waits for [`Self::next`].
    pub(crate) fn poll_read<S: AsyncRead + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
    ) -> Poll<Result<Option<Incoming>, Error>> {
        debug_assert!(self.carry.is_empty(), "bytes in memory come first");
        match &self.frame {
            // Never reads past the frame, so that nothing has to be carried over.
            Some(frame) if frame.missing > CHUNK => {
                let most = frame.missing.min(BIG_CHUNK);
                self.poll_read_chunk::<BIG_CHUNK, S>(io, cx, most)
            }
            _ => self.poll_read_chunk::<CHUNK, S>(io, cx, CHUNK),
        }
    }

    /// Kept out of line: the array lives on the stack only while this runs, never in a waiting task.
    #[inline(never)]
    fn poll_read_chunk<const SIZE: usize, S: AsyncRead + Unpin>(
        &mut self,
        io: &mut S,
        cx: &mut Context<'_>,
        most: usize,
    ) -> Poll<Result<Option<Incoming>, Error>> {
        let mut chunk = [MaybeUninit::<u8>::uninit(); SIZE];
        let mut chunk = ReadBuf::uninit(&mut chunk[..most]);
        ready!(Pin::new(io).poll_read(cx, &mut chunk))?;
        let mut input = chunk.filled();
        if input.is_empty() {
            return Poll::Ready(Err(Error::Eof));
        }
        self.bytes = self.bytes.saturating_add(input.len() as u64);
        let result = self.consume(&mut input);
        self.carry = input.to_vec();
        Poll::Ready(result)
    }

    /// A whole frame, or one that is certainly refused, is in memory: the next call of [`Self::next`] needs no IO.
    pub(crate) fn has_complete_frame(&self) -> bool {
        let input = &self.carry[self.carry_at..];
        match Header::decode(input) {
            Ok(Some(header)) => header.payload <= (input.len() - header.size) as u64 || self.admit(&header).is_err(),
            Ok(None) => false,
            Err(_) => true,
        }
    }

    /// Bytes of memory owned by unfinished frames and messages.
    pub(crate) fn memory(&self) -> usize {
        self.carry.capacity() + self.control.capacity() + self.message.as_ref().map_or(0, |m| m.payload.capacity())
    }

    /// Forgets everything unfinished.
    pub(crate) fn discard(&mut self) {
        self.carry = Vec::new();
        self.carry_at = 0;
        self.control = Vec::new();
        self.frame = None;
        self.message = None;
        self.partial_len = 0;
    }

    /// Takes bytes from `input` until one frame is whole or the input is used up.
    fn consume(&mut self, input: &mut &[u8]) -> Result<Option<Incoming>, Error> {
        if self.frame.is_none() {
            let Some(header) = self.take_header(input)? else { return Ok(None) };
            self.frame = Some(self.begin(&header)?);
        }
        let Some(frame) = &mut self.frame else { return Ok(None) };
        let (now, later) = input.split_at(frame.missing.min(input.len()));
        *input = later;
        let (mask, missing) = (frame.mask, frame.missing);
        frame.missing -= now.len();
        frame.mask.rotate_left(now.len() % 4);
        let (opcode, last, whole) = (frame.opcode, frame.last, frame.missing == 0);
        match &mut self.message {
            Some(message) if !opcode.is_control() => {
                let most = if last { message.payload.len() + missing } else { self.limit };
                grow(&mut message.payload, now.len(), missing, most);
                append_unmasked(&mut message.payload, now, mask);
                message.check_text(whole && last)?;
            }
            _ => append_unmasked(&mut self.control, now, mask),
        }
        if !whole {
            return Ok(None);
        }
        self.frame = None;
        self.frames = self.frames.saturating_add(1);
        self.finish(opcode, last).map(Some)
    }

    /// The next header, from what an earlier read left and `input`.
    fn take_header(&mut self, input: &mut &[u8]) -> Result<Option<Header>, Error> {
        if self.partial_len == 0
            && let Some(header) = Header::decode(input)?
        {
            *input = &input[header.size..];
            return Ok(Some(header));
        }
        while let Some((&byte, rest)) = input.split_first() {
            *input = rest;
            self.partial[self.partial_len] = byte;
            self.partial_len += 1;
            if let Some(header) = Header::decode(&self.partial[..self.partial_len])? {
                self.partial_len = 0;
                return Ok(Some(header));
            }
        }
        Ok(None)
    }

    /// May this frame follow what came before? Answers the payload length when it may.
    fn admit(&self, header: &Header) -> Result<usize, Error> {
        match (header.opcode, &self.message) {
            (Opcode::Continuation, None) => return Err(Error::malformed("continuation of no message")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Error::malformed("new message inside a fragmented one"));
            }
            _ => {}
        }
        let payload = usize::try_from(header.payload).map_err(|_| Error::TOO_BIG)?;
        let before = self.message.as_ref().map_or(0, |message| message.payload.len());
        if !header.opcode.is_control() && payload.saturating_add(before) > self.limit {
            return Err(Error::TOO_BIG);
        }
        Ok(payload)
    }

    fn begin(&mut self, header: &Header) -> Result<Frame, Error> {
        let missing = self.admit(header)?;
        let kind = match header.opcode {
            Opcode::Text => Some(Kind::Text),
            Opcode::Binary => Some(Kind::Binary),
            _ => None,
        };
        if let Some(kind) = kind {
            self.message = Some(Assembly { kind, payload: Vec::new(), valid: 0, empty_fragments: 0 });
        }
        if let Some(message) = &mut self.message
            && !header.opcode.is_control()
            && !header.last
            && missing == 0
        {
            message.empty_fragments += 1;
            if message.empty_fragments > EMPTY_FRAGMENTS {
                return Err(Error::Protocol { code: 1008, reason: "too many empty fragments" });
            }
        }
        Ok(Frame { opcode: header.opcode, last: header.last, mask: header.mask, missing })
    }

    fn finish(&mut self, opcode: Opcode, last: bool) -> Result<Incoming, Error> {
        Ok(match opcode {
            Opcode::Ping => Incoming::Ping(mem::take(&mut self.control)),
            Opcode::Pong => {
                self.pongs = self.pongs.saturating_add(1);
                self.control = Vec::new();
                Incoming::Pong
            }
            Opcode::Close => Incoming::Message(Message::Close(close_frame(mem::take(&mut self.control))?)),
            Opcode::Continuation | Opcode::Text | Opcode::Binary => match self.message.take_if(|_| last) {
                Some(Assembly { kind: Kind::Text, payload, .. }) => {
                    Incoming::Message(Message::Text(Bytes::from(payload)))
                }
                Some(Assembly { kind: Kind::Binary, payload, .. }) => {
                    Incoming::Message(Message::Binary(Bytes::from(payload)))
                }
                None => Incoming::Fragment,
            },
        })
    }
}

impl Assembly {
    /// Checks what arrived since the last call, so that wrong text is refused before its end.
    fn check_text(&mut self, whole: bool) -> Result<(), Error> {
        if self.kind == Kind::Binary {
            return Ok(());
        }
        match from_utf8(&self.payload[self.valid..]) {
            Ok(_) => self.valid = self.payload.len(),
            // A character may be cut by the end of what has arrived, but not by the end of the message.
            Err(cut) if cut.error_len().is_none() && !whole => self.valid += cut.valid_up_to(),
            Err(_) => return Err(Error::NOT_UTF8),
        }
        Ok(())
    }
}

/// Makes room for `now` bytes: doubling, but never beyond `most`, and never for bytes that were only announced except
/// for a first step of [`CHUNK`].
fn grow(payload: &mut Vec<u8>, now: usize, missing: usize, most: usize) {
    let needed = payload.len() + now;
    if now > 0 && needed > payload.capacity() {
        let step = payload.len().saturating_add(missing.min(CHUNK));
        let target = payload.capacity().saturating_mul(2).max(step).min(most).max(needed);
        payload.reserve_exact(target - payload.len());
    }
}

fn append_unmasked(to: &mut Vec<u8>, masked: &[u8], mask: [u8; 4]) {
    let start = to.len();
    to.extend_from_slice(masked);
    unmask(&mut to[start..], mask);
}

/// Content of a close frame (RFC 6455 §5.5.1, §7.4).
fn close_frame(payload: Vec<u8>) -> Result<Option<CloseFrame>, Error> {
    let (code, reason) = match *payload.as_slice() {
        [] => return Ok(None),
        [_] => return Err(Error::malformed("close frame with half a code")),
        [a, b, ref reason @ ..] => (u16::from_be_bytes([a, b]), reason),
    };
    if !may_be_sent(code) {
        return Err(Error::malformed("close code that must not be sent"));
    }
    if from_utf8(reason).is_err() {
        return Err(Error::NOT_UTF8);
    }
    Ok(Some(CloseFrame { code, reason: Bytes::from(payload).slice(2..) }))
}

/// Close codes that an endpoint may put on the wire.
pub(crate) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Reads and drops until the stream ends, fails or `most` bytes came.
pub(crate) async fn drain<S: AsyncRead + Unpin>(io: &mut S, most: usize) -> io::Result<()> {
    use tokio::io::AsyncReadExt;
    // On the heap: an array held across the await would be part of every connection's task.
    let mut waste = vec![0; 4096];
    let mut left = most;
    while left > 0 {
        match io.read(&mut waste).await? {
            0 => break,
            n => left = left.saturating_sub(n),
        }
    }
    Ok(())
}

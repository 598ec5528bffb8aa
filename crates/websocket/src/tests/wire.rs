//! A scripted byte stream, frames as a client makes them, and a way to run a case under every kind of splitting.

use crate::{CloseFrame, Error, Message, WebSocket, header::unmask};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) const FIN: u8 = 0x80;
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;
pub(crate) const LIMIT: usize = 64 * 1024;

/// A masked frame with `first` as its first byte.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = claim(first, payload.len() as u64, mask);
    let mut masked = payload.to_vec();
    unmask(&mut masked, mask);
    bytes.extend(masked);
    bytes
}

/// The header of a masked frame that claims a payload.
pub(crate) fn claim(first: u8, payload: u64, mask: [u8; 4]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload {
        0..126 => bytes.push(0x80 | payload as u8),
        126..0x1_0000 => {
            bytes.push(0x80 | 126);
            bytes.extend((payload as u16).to_be_bytes());
        }
        _ => {
            bytes.push(0x80 | 127);
            bytes.extend(payload.to_be_bytes());
        }
    }
    bytes.extend(mask);
    bytes
}

/// A frame from the server, payload up to 64 KiB.
pub(crate) fn sent(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![FIN | opcode];
    if payload.len() < 126 {
        bytes.push(payload.len() as u8);
    } else {
        bytes.push(126);
        bytes.extend((payload.len() as u16).to_be_bytes());
    }
    bytes.extend(payload);
    bytes
}

pub(crate) fn text(payload: &str) -> Message {
    Message::Text(Bytes::copy_from_slice(payload.as_bytes()))
}

pub(crate) fn binary(payload: &[u8]) -> Message {
    Message::Binary(Bytes::copy_from_slice(payload))
}

pub(crate) fn closed(code: u16, reason: &str) -> Message {
    Message::Close(Some(CloseFrame { code, reason: Bytes::copy_from_slice(reason.as_bytes()) }))
}

/// What a peer does once its script is over.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Then {
    Leaves,
    WaitsForEver,
}

/// A stream that gives one scripted piece per read and takes at most `room` bytes.
pub(crate) struct Wire {
    pub(crate) input: VecDeque<Vec<u8>>,
    pub(crate) then: Then,
    pub(crate) output: Vec<u8>,
    pub(crate) room: usize,
    pub(crate) flushes: usize,
    /// The stream's own buffer does not drain.
    pub(crate) flush_blocked: bool,
}

impl Wire {
    pub(crate) fn new(input: impl IntoIterator<Item = Vec<u8>>, then: Then) -> Self {
        let input = input.into_iter().filter(|piece| !piece.is_empty()).collect();
        Self { input, then, output: Vec::new(), room: usize::MAX, flushes: 0, flush_blocked: false }
    }
}

impl AsyncRead for &mut Wire {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let Some(mut piece) = wire.input.pop_front() else {
            return if wire.then == Then::Leaves { Poll::Ready(Ok(())) } else { Poll::Pending };
        };
        let rest = piece.split_off(piece.len().min(to.remaining()));
        to.put_slice(&piece);
        if !rest.is_empty() {
            wire.input.push_front(rest);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for &mut Wire {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let n = bytes.len().min(wire.room);
        if n == 0 {
            return Poll::Pending;
        }
        wire.room -= n;
        wire.output.extend_from_slice(&bytes[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.flush_blocked {
            return Poll::Pending;
        }
        wire.flushes += 1;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Polls once, with nobody to wake.
pub(crate) fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    std::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until something comes of it; for streams that always end.
pub(crate) fn recv(socket: &mut WebSocket<&mut Wire>) -> Result<Message, Error> {
    for _ in 0..1_000_000 {
        if let Poll::Ready(result) = poll(socket.recv()) {
            return result;
        }
    }
    panic!("no result although the stream ends");
}

/// How a connection ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    Eof,
    Closed,
    Refused(u16),
}

/// What a server heard and said.
#[derive(Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) messages: Vec<Message>,
    pub(crate) end: End,
    pub(crate) output: Vec<u8>,
}

/// Runs one stream that comes in the given pieces.
pub(crate) fn hear(pieces: impl IntoIterator<Item = Vec<u8>>, limit: usize) -> Heard {
    let mut wire = Wire::new(pieces, Then::Leaves);
    let mut socket = WebSocket::server(&mut wire, &[], limit);
    let mut messages = Vec::new();
    let end = loop {
        match recv(&mut socket) {
            Ok(message @ Message::Close(_)) => {
                messages.push(message);
                break End::Closed;
            }
            Ok(message) => messages.push(message),
            Err(Error::Eof) => break End::Eof,
            Err(Error::Protocol { code, .. }) => break End::Refused(code),
            Err(Error::Io(error)) => panic!("the wire never fails: {error}"),
        }
    };
    assert!(poll(socket.flush()).is_ready());
    assert!(matches!(recv(&mut socket), Err(Error::Eof)), "nothing is heard after the end");
    drop(socket);
    Heard { messages, end, output: wire.output }
}

/// Checks a stream under several splittings: whole, byte by byte, in odd pieces, and read together with the request.
#[track_caller]
pub(crate) fn expect(name: &str, input: &[u8], messages: &[Message], end: End, output: &[u8]) {
    let mut splits: Vec<Vec<Vec<u8>>> = vec![vec![input.to_vec()]];
    let sizes: &[usize] = if input.len() > 100_000 { &[16 * 1024, 70_001] } else { &[1, 2, 7, 997] };
    splits.extend(sizes.iter().map(|size| input.chunks(*size).map(<[u8]>::to_vec).collect()));
    for split in splits {
        let (pieces, first) = (split.len(), split.first().map_or(0, Vec::len));
        let heard = hear(split, LIMIT.max(input.len()));
        assert!(heard.messages == messages, "{name}, {pieces} pieces of {first}: heard {:?}", heard.messages);
        assert_eq!(heard.end, end, "{name}, {pieces} pieces of {first}");
        assert_eq!(heard.output, output, "{name}, {pieces} pieces of {first}");
    }
    let mut wire = Wire::new([], Then::Leaves);
    let mut socket = WebSocket::server(&mut wire, input, LIMIT.max(input.len()));
    for message in messages {
        assert_eq!(&recv(&mut socket).expect(name), message, "{name}, already read");
    }
}

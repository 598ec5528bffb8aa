//! Any bytes of a client, in any pieces, against the WebSocket framing.
//!
//! Never panics, never owns more memory than the limit and 64 KiB, never gives a message over the limit or text that
//! is not UTF-8, and means the same however the stream is cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_websocket::{Error, Message, WebSocket};
use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Memory allowed beyond the limit, in bytes.
const OVERHEAD: usize = 64 * 1024;
/// Limits that a stream is tried under, in bytes.
const LIMITS: [usize; 8] = [0, 1, 125, 126, 1_000, 20_000, 70_000, 150_000];
/// Built streams end at the frame that passes this many bytes, to keep an execution short.
const STREAM: usize = 200_000;

fuzz_target!(|data: &[u8]| {
    let &[setting, cut, room, ref rest @ ..] = data else { return };
    let limit = LIMITS[usize::from(setting % 8)];
    let (input, unit) = if setting & 8 == 0 { (rest.to_vec(), 1) } else { (frames(rest), 131) };
    let cut_small = Wire::new(&input, (usize::from(cut) + 1) * unit, usize::from(room % 16));
    let whole = Wire::new(&input, usize::MAX, usize::MAX);
    // The first bytes may have been read together with the HTTP request.
    let early = if setting & 16 == 0 { 0 } else { input.len().min(usize::from(room)) };
    assert_eq!(hear(cut_small, early, limit), hear(whole, 0, limit));
});

/// Frames built from four bytes each, so that big and almost valid streams need little input: first byte of the frame,
/// length (two bytes, times four for some), and the byte that fills it.
fn frames(recipe: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for &[first, a, b, fill] in recipe.as_chunks::<4>().0 {
        if stream.len() > STREAM {
            break;
        }
        let length = usize::from(u16::from_be_bytes([a, b])) << if fill & 1 == 0 { 0 } else { 2 };
        stream.push(first);
        match u16::try_from(length) {
            Ok(short @ 0..126) => stream.push(0x80 | short as u8),
            Ok(medium) => {
                stream.push(0xfe);
                stream.extend(medium.to_be_bytes());
            }
            Err(_) => {
                stream.push(0xff);
                stream.extend((length as u64).to_be_bytes());
            }
        }
        let mask = [fill, 1, 2, 3];
        stream.extend(mask);
        stream.extend((0..length).map(|i| fill ^ mask[i % 4]));
    }
    stream
}

/// Everything a server makes of the stream, and the code it ends with (0: the stream just ended).
fn hear(mut wire: Wire<'_>, early: usize, limit: usize) -> (Vec<(u8, Vec<u8>)>, u16) {
    let already_read = &wire.input[..early];
    wire.input = &wire.input[early..];
    let mut socket = WebSocket::server(wire, already_read, limit);
    let mut cx = Context::from_waker(Waker::noop());
    let mut heard = Vec::new();
    loop {
        let announced = socket.has_complete_frame();
        let result = pin!(socket.recv()).poll(&mut cx);
        let memory = socket.memory();
        assert!(memory <= limit + OVERHEAD, "{memory} bytes under a limit of {limit}");
        let message = match result {
            Poll::Pending => continue,
            Poll::Ready(Ok(message)) => message,
            Poll::Ready(Err(Error::Protocol { code, .. })) => return (heard, code),
            Poll::Ready(Err(_)) => {
                assert!(!announced, "a whole frame in memory came to nothing");
                return (heard, 0);
            }
        };
        match message {
            Message::Text(text) => {
                assert!(text.len() <= limit && str::from_utf8(&text).is_ok());
                heard.push((1, text.to_vec()));
            }
            Message::Binary(bytes) => {
                assert!(bytes.len() <= limit);
                heard.push((2, bytes.to_vec()));
            }
            Message::Close(None) => return (heard, 1005),
            Message::Close(Some(frame)) => {
                assert!(str::from_utf8(&frame.reason).is_ok() && frame.reason.len() <= 123);
                socket.queue_close(frame.code, "");
                heard.push((8, frame.reason.to_vec()));
                return (heard, frame.code);
            }
        }
    }
}

/// Gives `piece` bytes per read, every second read only after a wait, and takes `room` bytes per write.
struct Wire<'a> {
    input: &'a [u8],
    piece: usize,
    room: usize,
    waited: bool,
}

impl<'a> Wire<'a> {
    fn new(input: &'a [u8], piece: usize, room: usize) -> Self {
        Self { input, piece, room, waited: false }
    }
}

impl AsyncRead for Wire<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.waited = !self.waited;
        if self.waited {
            return Poll::Pending;
        }
        let (piece, rest) = self.input.split_at(self.input.len().min(self.piece).min(to.remaining()));
        to.put_slice(piece);
        self.input = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match bytes.len().min(self.room) {
            0 => Poll::Pending,
            n => Poll::Ready(Ok(n)),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

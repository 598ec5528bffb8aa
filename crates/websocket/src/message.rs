//! What a peer says, once frames are put together.

use bytes::Bytes;
use std::fmt;

/// One whole message. Pings and pongs are handled inside the socket and never become messages.
///
/// `Debug` shows kind and length only, because payloads may hold secrets.
#[derive(Clone, PartialEq, Eq)]
pub enum Message {
    /// Text; the bytes are valid UTF-8.
    Text(Bytes),
    /// Any bytes.
    Binary(Bytes),
    /// The peer closes; `None` when it gave no code. Answer with [`close`](crate::WebSocket::close).
    Close(Option<CloseFrame>),
}

/// Content of a close frame.
#[derive(Clone, PartialEq, Eq)]
pub struct CloseFrame {
    /// A code that RFC 6455 §7.4 or the IANA registry lets an endpoint send: 1000–1003, 1007–1014, 3000–4999.
    pub code: u16,
    /// Valid UTF-8 of at most 123 bytes, written by the peer.
    pub reason: Bytes,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Binary(bytes) => write!(f, "Binary({} bytes)", bytes.len()),
            Self::Close(frame) => f.debug_tuple("Close").field(frame).finish(),
        }
    }
}

impl fmt::Debug for CloseFrame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseFrame({}, {} bytes)", self.code, self.reason.len())
    }
}

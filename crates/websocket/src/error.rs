//! What can end a connection.

use std::io;

/// Why no further message can be received. Each of them is final: later calls report [`Error::Eof`].
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The byte stream failed; nothing more can be read or written.
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The peer ended the stream without a close frame, or the connection had already ended.
    #[error("the peer ended the connection without a close frame")]
    Eof,
    /// The peer broke the protocol or a limit. Answer with [`close`](crate::WebSocket::close) and this code and
    /// reason, then [`linger`](crate::WebSocket::linger), so that the peer can read why.
    #[error("the peer broke the WebSocket protocol: {reason} (close code {code})")]
    Protocol {
        /// Close code to send: 1002 protocol error, 1007 not UTF-8, 1008 policy, 1009 too big.
        code: u16,
        /// What was wrong, fit to be sent to the peer.
        reason: &'static str,
    },
}

impl Error {
    /// A malformed or forbidden frame (close code 1002).
    pub(crate) const fn malformed(reason: &'static str) -> Self {
        Self::Protocol { code: 1002, reason }
    }

    /// Text that is not UTF-8 (close code 1007).
    pub(crate) const NOT_UTF8: Self = Self::Protocol { code: 1007, reason: "text is not valid UTF-8" };

    /// A message over the limit (close code 1009).
    pub(crate) const TOO_BIG: Self = Self::Protocol { code: 1009, reason: "message too big" };
}

//! Server side of the WebSocket protocol (RFC 6455) over any byte stream.
//!
//! This crate knows frames and nothing else: who may connect, what a message means and how long a silent peer is
//! tolerated are decided by its user. It is written for many mostly idle connections:
//!
//! - an idle connection owns no buffer, in either direction;
//! - every future is cancel safe, because all state lives in [`WebSocket`];
//! - a message that is too long is refused from its header, before any of its payload is stored;
//! - a big message takes memory as its bytes arrive, and all of it leaves with the message.
//!
//! Extensions (permessage-deflate) are never negotiated. [`handshake`] checks the HTTP request that opens a
//! connection, [`WebSocket::server`] takes over after the `101` response.
//!
//! Path of a byte: `header` reads frame headers, `reader` assembles messages, `socket` answers control frames and
//! `writer` holds what goes out.
//!
//! ```
//! # async fn echo(io: tokio::io::DuplexStream) -> Result<(), openclaw_websocket::Error> {
//! use openclaw_websocket::{Message, WebSocket};
//! let mut socket = WebSocket::server(io, &[], 64 * 1024);
//! loop {
//!     match socket.recv().await? {
//!         Message::Text(text) => socket.queue_text(&[&text]),
//!         Message::Binary(bytes) => socket.queue_binary(&[&bytes]),
//!         Message::Close(_) => return Ok(socket.close(1000, "").await),
//!     }
//!     if !socket.has_complete_frame() {
//!         socket.flush().await?;
//!     }
//! }
//! # }
//! ```

mod error;
pub mod handshake;
mod header;
mod message;
mod reader;
mod socket;
mod writer;

pub use error::Error;
pub use message::{CloseFrame, Message};
pub use socket::{CLOSE_PATIENCE, LINGER_BYTES, LINGER_PATIENCE, STEPS_PER_POLL, WebSocket};

#[cfg(test)]
mod tests;

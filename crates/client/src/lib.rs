//! How to talk to a gateway: one [`connect`]ion, or one that [`supervise`] keeps up.
//!
//! The way of a connection: [`Dial`] opens a byte stream, TLS goes on top for `wss://`, the WebSocket handshake
//! follows, then the gateway's challenge, the signed `connect` request and its hello. From then on one task owns the
//! socket; requests reach it through a bounded queue and are matched to their answers by id, events go to every
//! [`EventStream`] without ever waiting for a slow one.
//!
//! Clock, randomness and tasks are passed in with [`Handles`]; nothing here reads the environment or prints.

mod actor;
mod backoff;
mod connection;
mod dial;
mod error;
mod event;
mod frame;
mod handshake;
mod hello;
mod identity;
mod options;
mod socket;
mod supervised;
mod tls;
mod url;
mod whereabouts;

pub use backoff::Backoff;
pub use connection::{Connection, Deadline, connect};
pub use dial::{Dial, Transport};
pub use error::{ConnectError, End, Prospect, Refusal, RequestError, Stage};
pub use event::{Delivery, Event, EventStream, Gap};
pub use hello::{Hello, Server};
pub use identity::{DeviceIdentity, IdentityError};
pub use options::{ClientInfo, Credentials, Deadlines, Handles, Options, Protocol};
pub use supervised::{State, Supervised, connect_supervised, supervise};
pub use tls::{Fingerprint, Tls};
pub use url::{BadUrl, GatewayUrl};

/// Largest frame that is accepted from a gateway, bytes: the gateway's 25 MiB payload and room for its frame.
pub const MAX_FRAME_BYTES: usize = 26 * 1024 * 1024;
/// Requests of one connection that may wait for their answers at the same time.
pub const MAX_PENDING: usize = 4096;
/// Frames that may wait to be written.
pub(crate) const MAX_UNSENT: usize = 64;

#[cfg(test)]
mod tests;

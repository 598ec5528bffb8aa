//! Sizes and times that both sides of the wire know. All are defaults of settings unless said otherwise.

/// Largest frame before authentication, bytes.
pub const PREAUTH_FRAME_BYTES: usize = 64 * 1024;
/// Largest frame after authentication, bytes; advertised as `policy.maxPayload`.
pub const MAX_PAYLOAD_BYTES: usize = 25 * 1024 * 1024;
/// Most bytes that may wait for one connection; advertised as `policy.maxBufferedBytes`.
pub const MAX_BUFFERED_BYTES: usize = 50 * 1024 * 1024;
/// Time between `tick` events, milliseconds.
pub const TICK_INTERVAL_MS: u64 = 30_000;
/// Time between WebSocket pings of the server, milliseconds.
pub const PING_INTERVAL_MS: u64 = 30_000;
/// Silent intervals after which a connection counts as dead.
pub const MISSED_PONGS: u32 = 3;
/// Time a client has to finish the handshake, milliseconds.
pub const HANDSHAKE_TIMEOUT_MS: u64 = 15_000;
/// How far a device's `signedAt` may lie from our clock, milliseconds either way.
pub const SIGNATURE_SKEW_MS: i64 = 120_000;
/// Requests of one connection that may be in work at the same time.
pub const IN_FLIGHT_PER_CONNECTION: usize = 64;
/// Largest request identifier, bytes.
pub const REQUEST_ID_BYTES: usize = 256;

//! WebSocket close codes, with the reasons that clients match.

/// A goodbye without complaint; a client that says it does not come back.
pub const NORMAL: u16 = 1000;
/// Protocol error or no common protocol version.
pub const PROTOCOL_MISMATCH: u16 = 1002;
/// Binary data before authentication.
pub const UNSUPPORTED_DATA: u16 = 1003;
/// A first frame that is not JSON.
pub const INVALID_DATA: u16 = 1007;
/// Refused: authentication, a bad handshake, a slow consumer.
pub const POLICY: u16 = 1008;
/// A frame over the limit.
pub const TOO_BIG: u16 = 1009;
/// The gateway stops or restarts; reason "service restart".
pub const RESTART: u16 = 1012;
/// Final for a client of spec 001; also credentials that were rotated or revoked under a live connection.
pub const FINAL: u16 = 4001;

/// Longest reason that fits a close frame beside its code, bytes.
pub const REASON_BYTES: usize = 120;

/// Cuts `text` to what a close frame can carry, at a character boundary.
#[must_use]
pub fn reason(text: &str) -> &str {
    let mut end = text.len().min(REASON_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

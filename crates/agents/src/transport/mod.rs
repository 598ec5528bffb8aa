//! From a request to frames: one HTTP exchange, its deadlines, its bounds and its errors. Knows no wire.

mod client;
mod endpoint;
mod exchange;
mod frames;
mod lines;
mod status;
mod wait;

pub use client::{HttpSettings, http_client};
pub use endpoint::{DEFAULT_MAX_FRAME, Endpoint, Timeouts};
pub(crate) use exchange::{Decode, open, stop_after};
pub use exchange::{MAX_TEXT, MAX_TOOL_ARGUMENTS, MAX_TOOL_CALLS};
pub(crate) use frames::Framing;
pub(crate) use wait::Limit;

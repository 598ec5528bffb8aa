//! What goes over the wire: frames, dialects 1, 3 and 4, errors, scopes, limits. No input or output happens here.

pub mod alias;
pub mod close;
pub mod connect;
pub mod device_payload;
pub mod dialect;
mod error;
pub mod event;
pub mod frame;
pub mod hello;
mod ids;
pub mod limits;
pub mod params;
pub mod resume;
mod scope;
pub mod trace;
mod version;

pub use error::{Details, ErrorCode, WireError, detail};
pub use ids::{AgentId, DeviceId, InvalidId, NodeId, RunId, SessionKey};
pub use scope::{Role, Scope, Scopes};
pub use trace::{TraceId, TraceParent};
pub use version::{Dialect, VersionMismatch};

/// The gateway's version as clients compare it: CalVer `YYYY.M.D`.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

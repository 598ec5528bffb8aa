//! A model vendor on loopback that speaks all five wires, checks what it is sent, and fails in every known way.
//!
//! One [`FakeLlm`] serves every wire at once: give [`FakeLlm::base_url`] to a provider. It answers each request with the
//! next [`Script`], and with a short echo when there is none. A request that the vendor would refuse is answered with
//! 400 in the wire's own error shape and remembered in [`FakeLlm::violations`].

mod answer;
mod check;
mod connection;
mod fake;
mod plan;
mod script;

pub use fake::{Connections, FakeLlm, MAX_RECORDED, Recorded};
pub use script::{Fault, LineEnd, Pace, Record, RetryAfter, Say, Script, Settings, Stop, Usage, Wire};

#[cfg(test)]
mod tests;

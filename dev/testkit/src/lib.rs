//! What tests and the load tool stand on: vendors that are not there, spoken faithfully on loopback.

pub mod acme;
pub mod anyone;
pub mod authenticator;
pub mod cutter;
pub mod gateway;
pub mod hostile;
pub mod llm;
pub mod log;
pub mod tailscale;
pub mod told;

//! What tests and the load tool stand on: vendors that are not there, spoken faithfully on loopback.

pub mod cutter;
pub mod gateway;
pub mod llm;
pub mod log;
pub mod tailscale;
pub mod told;

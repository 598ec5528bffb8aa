//! Attacks of this field, each over a real socket: what was tried on gateways of this kind before, and must fail here.
//! `docs/threats.md` says which row of the threat model each belongs to.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod corpus;
#[path = "../behaviour/devices.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod devices;
mod log_lines;
mod lookalikes;
mod neighbours;
mod odd_json;
mod places;
mod races;
mod smuggling;

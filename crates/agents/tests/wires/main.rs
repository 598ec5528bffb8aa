//! Every wire against a vendor on loopback: what we send, what we read, and what happens when it breaks.

mod connections;
mod decode;
mod encode;
mod failover;
mod faults;
mod local;
mod proxy;
mod secrets;
mod support;

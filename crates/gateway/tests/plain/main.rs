//! The gateway over plain HTTP: what programs without a WebSocket can rely on.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod support;

mod access;
mod agent_tokens;
mod api;
mod events;
mod hooks;
mod openai;
mod raw;
mod rpc;

//! One module per wire, each with its encoder and its decoder, and the demo that needs none.
//!
//! Decoders read JSON leniently, because vendors and servers that imitate them add, omit and empty fields at will:
//! what is not understood is passed over. Every decoder names tool calls by an index of its own that counts from 0.

mod anthropic;
mod api;
mod body;
mod calls;
mod demo;
mod gemini;
mod ollama;
mod openai_chat;
mod openai_responses;
mod remote;
mod signature;

pub use api::{Api, UnknownApi};
pub use demo::{DEMO_MODEL, DEMO_PROVIDER, Demo};
pub(crate) use remote::connect;

#[cfg(test)]
mod tests;

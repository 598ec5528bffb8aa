//! Chat channels: no adapter is there yet, so their states are empty and what would use one says so.

mod control;
mod status;

use openclaw_protocol::{WireError, detail};

use crate::rpc::Row;

/// Why nothing can be done on a channel.
pub(super) const NONE: &str = "no chat channel is connected to this gateway yet";
/// Longest text of a message.
pub(super) const LONGEST_MESSAGE: usize = 1 << 20;
/// Longest name that an error repeats.
const LONGEST_NAME: usize = 64;

pub(super) const METHODS: &[Row] = &[
    Row::of::<control::logout::Control>().lacking(NONE),
    Row::of::<control::start::Control>().lacking(NONE).unlisted(),
    Row::of::<status::Status>(),
    Row::of::<control::stop::Control>().lacking(NONE).unlisted(),
];

/// The refusal of whatever needs a channel; clients match the first text (PROTOCOL §6.6).
pub(super) fn unsupported(channel: Option<&str>) -> WireError {
    match channel.map(named).filter(|name| !name.is_empty()) {
        Some(name) => WireError::invalid(detail::UNSUPPORTED_CHANNEL, format!("unsupported channel: {name}")),
        None => WireError::unavailable(detail::NOT_IMPLEMENTED, NONE),
    }
}

/// A name as an error may repeat it.
fn named(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

/// Refuses a member that says nothing.
pub(super) fn filled(name: &'static str, value: &str) -> Result<(), WireError> {
    if value.trim().is_empty() {
        return Err(WireError::params(format!("{name} must not be empty")).with("path", format!("params.{name}")));
    }
    Ok(())
}

//! Logging a channel in by showing a code to a phone.

mod login;

use crate::rpc::Row;

/// Why nothing can be logged in.
const NONE: &str = "no channel that is logged in by a code is part of this gateway yet";

pub(super) const METHODS: &[Row] = &[
    Row::of::<login::start::Login>().lacking(NONE).unlisted(),
    Row::of::<login::wait::Login>().lacking(NONE).unlisted(),
];

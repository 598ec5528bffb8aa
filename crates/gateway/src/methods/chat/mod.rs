//! Conversations as people see them.

mod abort;
pub(in crate::methods) mod history;
mod inject;
mod message_get;
pub(in crate::methods) mod metadata;
mod send;
pub(in crate::methods) mod shown;
mod startup;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<abort::Abort>(),
    Row::of::<history::History>(),
    Row::of::<inject::Inject>(),
    Row::of::<message_get::MessageGet>(),
    Row::of::<metadata::Metadata>(),
    Row::of::<send::Send>(),
    Row::of::<startup::Startup>(),
];

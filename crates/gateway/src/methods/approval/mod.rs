//! What people are asked, whatever it is about.

mod get;
mod history;
mod resolve;

use openclaw_core::approval::Kind;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<get::Get>(), Row::of::<history::History>(), Row::of::<resolve::Resolve>()];

/// What this family is about.
const KINDS: &[Kind] = &[Kind::Exec, Kind::Plugin];

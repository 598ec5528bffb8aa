//! What agents have learned to do.

mod bins;
mod status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::later::<bins::Bins>(), Row::of::<status::Status>()];

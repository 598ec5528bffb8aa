//! What was used, over all sessions.

pub(in crate::methods) mod cost;
pub(in crate::methods) mod days;
mod status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<cost::Cost>(), Row::of::<status::Status>()];

//! Figures over time.

mod history;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<history::History>()];

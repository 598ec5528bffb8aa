//! The structured log.

mod tail;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<tail::Tail>()];

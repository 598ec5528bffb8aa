//! The machine that the gateway runs on.

mod info;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<info::Info>()];

//! How busy the gateway is.

mod lanes;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<lanes::Lanes>()];

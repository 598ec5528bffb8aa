//! The configuration.

mod get;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<get::Get>()];

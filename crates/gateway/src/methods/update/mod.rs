//! Newer versions of the gateway.

mod status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<status::Status>().unlisted()];

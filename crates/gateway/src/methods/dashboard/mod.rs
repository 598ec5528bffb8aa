//! The gateway's own page.

mod link;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<link::Link>()];

//! Work at a time of the user's choosing.

mod list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<list::List>()];

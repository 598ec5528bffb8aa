//! Folders that agents work in.

mod list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<list::List>()];

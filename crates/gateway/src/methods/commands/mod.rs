//! What a message may be besides words.

mod list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<list::List>()];

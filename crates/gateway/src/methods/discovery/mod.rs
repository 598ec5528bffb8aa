//! What can be called, told by the gateway itself.

mod describe;
mod list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<describe::Describe>(), Row::of::<list::List>()];

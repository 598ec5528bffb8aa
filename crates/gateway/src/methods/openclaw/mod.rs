//! What an agent that looks after the gateway itself asks people. There is no such agent.

mod approval_list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<approval_list::List>()];

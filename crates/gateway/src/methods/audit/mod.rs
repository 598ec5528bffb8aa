//! What agents did, from the audit trail.

mod activity_list;
mod list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<activity_list::ActivityList>(), Row::of::<list::List>()];

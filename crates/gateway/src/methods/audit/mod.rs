//! What was done, from the audit trail.

mod activity_list;
mod list;
mod records_list;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<activity_list::ActivityList>(), Row::of::<list::List>(), Row::of::<records_list::RecordsList>()];

//! The models that agents can use.

pub(in crate::methods) mod auth_status;
pub(in crate::methods) mod list;
mod probe;

pub(in crate::methods) use probe::problem;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<auth_status::AuthStatus>(), Row::of::<list::List>(), Row::of::<probe::Probe>()];

//! Wishes of plugins that people decide about.

mod approval_list;
mod approval_request;
mod approval_resolve;
mod approval_wait_decision;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<approval_list::List>(),
    Row::of::<approval_request::Request>(),
    Row::of::<approval_resolve::Resolve>(),
    Row::of::<approval_wait_decision::WaitDecision>(),
];

//! Commands that want to run: asking people, their answers, and the policy.

mod approval_get;
mod approval_grants_list;
mod approval_grants_revoke;
mod approval_list;
mod approval_request;
mod approval_resolve;
mod approval_wait_decision;
mod approvals_get;
mod approvals_set;
pub(super) mod asked;

pub(super) use approval_list::waiting;
pub(super) use approval_wait_decision::wait;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<approval_get::Get>(),
    Row::of::<approval_grants_list::GrantsList>(),
    Row::of::<approval_grants_revoke::GrantsRevoke>(),
    Row::of::<approval_list::List>(),
    Row::of::<approval_request::Request>(),
    Row::of::<approval_resolve::Resolve>(),
    Row::of::<approval_wait_decision::WaitDecision>(),
    Row::of::<approvals_get::PolicyGet>(),
    Row::of::<approvals_set::PolicySet>(),
];

//! The gateway as a process.

mod restart_preflight;
mod secret_rotate;
mod suspend_status;
mod token;
mod token_create;
mod token_list;
mod token_revoke;
mod token_rotate;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<restart_preflight::RestartPreflight>(),
    Row::of::<secret_rotate::SecretRotate>(),
    Row::of::<suspend_status::SuspendStatus>().unlisted(),
    Row::of::<token_create::TokenCreate>(),
    Row::of::<token_list::TokenList>(),
    Row::of::<token_revoke::TokenRevoke>(),
    Row::of::<token_rotate::TokenRotate>(),
];

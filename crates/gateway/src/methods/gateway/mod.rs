//! The gateway as a process.

mod restart_preflight;
mod suspend_status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<restart_preflight::RestartPreflight>(), Row::of::<suspend_status::SuspendStatus>().unlisted()];

//! How safely the gateway is set up, and the emergency stop.

mod audit;
mod lockdown;

use crate::rpc::{Method, Row};

/// The method that waits for nothing: not even for an audit file that must be written before anything is changed.
pub(crate) const EMERGENCY: &str = lockdown::Lockdown::NAME;

pub(super) const METHODS: &[Row] = &[Row::of::<audit::SecurityAudit>(), Row::of::<lockdown::Lockdown>()];

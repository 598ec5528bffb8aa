//! Turns of agents.

mod identity_get;
mod run;
mod wait;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<run::Run>(), Row::of::<wait::Wait>(), Row::of::<identity_get::IdentityGet>()];

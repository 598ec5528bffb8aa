//! Turns of agents.

mod run;
mod wait;
mod identity_get;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<run::Run>(),
    Row::of::<wait::Wait>(),
    Row::of::<identity_get::IdentityGet>(),
];

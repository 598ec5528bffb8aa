//! What agents have learned to do.

mod bins;
mod install;
mod status;
mod update;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::later::<bins::Bins>(),
    Row::later::<install::Install>(),
    Row::of::<status::Status>(),
    Row::later::<update::Update>(),
];

//! What agents have learned to do.

mod bins;
mod install;
mod status;
mod update;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<bins::Bins>(), Row::of::<install::Install>(), Row::of::<status::Status>(), Row::of::<update::Update>()];

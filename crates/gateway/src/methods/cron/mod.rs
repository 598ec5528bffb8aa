//! Work at a time of the user's choosing.

mod add;
mod asked;
mod get;
mod list;
mod remove;
mod run;
mod runs;
mod status;
mod update;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<add::Add>(),
    Row::of::<get::Get>(),
    Row::of::<list::List>(),
    Row::of::<remove::Remove>(),
    Row::of::<run::Run>(),
    Row::of::<runs::Runs>(),
    Row::of::<status::Status>(),
    Row::of::<update::Update>(),
];

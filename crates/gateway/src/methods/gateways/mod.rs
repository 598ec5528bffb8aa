//! Other gateways: which are known, how they are, and what is called on them.

mod add;
mod attach;
mod call;
mod detach;
mod get;
mod list;
mod remove;
mod shown;
mod test;
mod update;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<add::Add>(),
    Row::of::<attach::Attach>(),
    Row::of::<call::Through>(),
    Row::of::<detach::Detach>(),
    Row::of::<get::Get>(),
    Row::of::<list::List>(),
    Row::of::<remove::Remove>(),
    Row::of::<test::Test>(),
    Row::of::<update::Update>(),
];

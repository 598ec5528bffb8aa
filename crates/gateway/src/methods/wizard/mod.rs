//! A setup that asks step by step.

mod cancel;
mod next;
mod start;
mod status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::later::<cancel::Cancel>(),
    Row::later::<next::Next>(),
    Row::later::<start::Start>(),
    Row::later::<status::Status>(),
];

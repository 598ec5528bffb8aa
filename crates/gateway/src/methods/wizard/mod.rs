//! A setup that asks step by step (`crate::setup`), for clients.

mod cancel;
mod next;
mod start;
mod status;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] =
    &[Row::of::<cancel::Cancel>(), Row::of::<next::Next>(), Row::of::<start::Start>(), Row::of::<status::Status>()];

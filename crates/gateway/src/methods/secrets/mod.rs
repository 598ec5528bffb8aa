//! Values that the configuration refers to and does not hold.

mod reload;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<reload::Reload>().unlisted()];

//! A browser that agents drive.

mod request;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::later::<request::Request>()];

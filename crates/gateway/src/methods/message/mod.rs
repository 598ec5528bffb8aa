//! What channels can do with messages beside sending them.

mod action;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<action::Action>().lacking(super::channels::NONE).unlisted()];

//! Tools that runs may use: none is there yet.

mod catalog;
mod effective;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[Row::of::<catalog::Catalog>(), Row::of::<effective::Effective>()];

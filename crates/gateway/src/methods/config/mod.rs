//! The configuration: reading it, changing it, and what it was before.

mod apply;
pub(super) mod change;
mod diff;
mod get;
mod history;
mod patch;
mod schema;
mod schema_lookup;
mod set;
mod undo;
mod unset;
mod validate;

pub(in crate::methods) use change::goodbye;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<apply::Apply>(),
    Row::of::<diff::Diff>(),
    Row::of::<get::Get>(),
    Row::of::<history::History>(),
    Row::of::<patch::Patch>(),
    Row::of::<schema::Schema>(),
    Row::of::<schema_lookup::SchemaLookup>(),
    Row::of::<set::Set>(),
    Row::of::<undo::Undo>(),
    Row::of::<unset::Unset>(),
    Row::of::<validate::Validate>(),
];

//! The agents: who they are, and the files that make them who they are.

mod create;
mod delete;
mod files;
mod files_delete;
mod files_get;
mod files_list;
mod files_set;
mod list;
pub(in crate::methods) mod roster;
mod token;
mod token_create;
mod token_list;
mod token_revoke;
mod token_rotate;
mod update;
mod workspace_get;
mod workspace_list;

use crate::rpc::Row;
pub(in crate::methods) use workspace_get::mime_type;

pub(super) const METHODS: &[Row] = &[
    Row::of::<create::Create>(),
    Row::of::<delete::Delete>(),
    Row::of::<files_delete::FilesDelete>(),
    Row::of::<files_get::FilesGet>(),
    Row::of::<files_list::FilesList>(),
    Row::of::<files_set::FilesSet>(),
    Row::of::<list::List>(),
    Row::of::<update::Update>(),
    Row::of::<workspace_get::WorkspaceGet>(),
    Row::of::<workspace_list::WorkspaceList>(),
    Row::of::<token_create::TokenCreate>(),
    Row::of::<token_list::TokenList>(),
    Row::of::<token_revoke::TokenRevoke>(),
    Row::of::<token_rotate::TokenRotate>(),
];

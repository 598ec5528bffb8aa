//! Conversations as records: list, inspect, change, end.

mod compact;
mod create;
mod delete;
mod describe;
pub(in crate::methods) mod list;
mod messages_subscribe;
mod messages_unsubscribe;
mod patch;
mod preview;
pub(in crate::methods) mod purge;
mod reset;
mod resolve;
mod subscribe;
mod unsubscribe;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<compact::Compact>(),
    Row::of::<create::Create>(),
    Row::of::<delete::Delete>(),
    Row::of::<describe::Describe>(),
    Row::of::<list::List>(),
    Row::of::<messages_subscribe::MessagesSubscribe>(),
    Row::of::<messages_unsubscribe::MessagesUnsubscribe>(),
    Row::of::<patch::Patch>(),
    Row::of::<preview::Preview>(),
    Row::of::<reset::Reset>(),
    Row::of::<resolve::Resolve>(),
    Row::of::<subscribe::Subscribe>(),
    Row::of::<unsubscribe::Unsubscribe>(),
];

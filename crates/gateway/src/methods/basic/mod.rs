//! Methods whose name is one word.

mod health;
mod last_heartbeat;
mod ping;
mod poll;
mod send;
mod set_heartbeats;
mod spawn;
mod status;
mod system_event;
mod system_presence;
mod wake;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<health::Health>(),
    Row::of::<last_heartbeat::LastHeartbeat>(),
    Row::of::<ping::Ping>(),
    Row::of::<poll::Poll>().lacking(super::channels::NONE).unlisted(),
    Row::of::<send::Send>().lacking(super::channels::NONE),
    Row::of::<set_heartbeats::SetHeartbeats>(),
    Row::of::<spawn::Spawn>(),
    Row::of::<status::Status>(),
    Row::of::<system_event::SystemEvent>(),
    Row::of::<system_presence::SystemPresence>(),
    Row::of::<wake::Wake>(),
];

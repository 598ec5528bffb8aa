//! Methods whose name is one word.

mod health;
mod last_heartbeat;
mod ping;
mod spawn;
mod status;
mod system_presence;

use crate::rpc::Row;

pub(super) const METHODS: &[Row] = &[
    Row::of::<health::Health>(),
    Row::of::<last_heartbeat::LastHeartbeat>(),
    Row::of::<ping::Ping>(),
    Row::of::<spawn::Spawn>(),
    Row::of::<status::Status>(),
    Row::of::<system_presence::SystemPresence>(),
];

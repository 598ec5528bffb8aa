//! What people can rely on, shown from the outside: a real gateway, real sockets, vendors that are not there.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod approvals;
mod audit;
mod devices;
mod far;
mod talk;

mod access;
mod agents;
mod bad_start;
mod config;
mod cron;
mod durability;
mod failover;
mod fleet;
mod fleet_hostile;
mod identity;
mod lockdown;
mod matrix;
mod methods;
mod nodes;
mod pairing;
mod passkeys;
mod providers;
mod proxy;
mod reload;
mod resume;
mod runs;
mod sessions;
mod setup_codes;
mod skills;
mod spawn;
mod tailscale;
mod traces;
mod trail;
mod usage;
mod watch;
mod wizard;

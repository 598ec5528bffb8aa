//! Stories about the real binary, each in a home of its own.

#![expect(clippy::disallowed_methods, reason = "the stories wait for real processes in real time")]

#[cfg(test)]
mod agent_tokens;
#[cfg(test)]
mod agents;
mod alerts;
#[cfg(test)]
mod alone;
#[cfg(test)]
mod approvals;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod canary;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod config;
#[cfg(test)]
mod cron;
#[cfg(test)]
mod cut;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod gateways;
#[cfg(test)]
mod home;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod lockdown;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod models;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod onboard;
mod passkeys;
#[cfg(test)]
mod protect;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod seat;
#[cfg(test)]
mod security;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod setup_codes;
#[cfg(test)]
mod skills;
#[cfg(test)]
mod spawn;
#[cfg(test)]
mod surface;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod tls;
mod tokens;
#[cfg(test)]
mod top;
#[cfg(test)]
mod trouble;
#[cfg(test)]
mod tunnel;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod watch;

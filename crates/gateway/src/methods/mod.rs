//! Every method of the gateway. A family lists its own; this file joins the families.

mod agent;
mod agents;
mod approval;
mod basic;
mod browser;
mod channels;
mod chat;
mod commands;
mod config;
mod cron;
mod dashboard;
mod device;
mod exec;
mod hooks;
mod logs;
mod models;
mod node;
mod openclaw;
mod plugin;
mod prelude;
mod question;
mod sessions;
mod skills;
mod usage;

use crate::rpc::{Row, joined};

const FAMILIES: &[&[Row]] = &[
    agent::METHODS,
    agents::METHODS,
    approval::METHODS,
    basic::METHODS,
    browser::METHODS,
    channels::METHODS,
    chat::METHODS,
    commands::METHODS,
    config::METHODS,
    cron::METHODS,
    dashboard::METHODS,
    device::METHODS,
    exec::METHODS,
    hooks::METHODS,
    logs::METHODS,
    models::METHODS,
    node::METHODS,
    openclaw::METHODS,
    plugin::METHODS,
    question::METHODS,
    sessions::METHODS,
    skills::METHODS,
    usage::METHODS,
];

const COUNT: usize = {
    let (mut count, mut family) = (0, 0);
    while family < FAMILIES.len() {
        count += FAMILIES[family].len();
        family += 1;
    }
    count
};

static TABLE: [Row; COUNT] = joined(FAMILIES, [basic::METHODS[0]; COUNT]);

/// The table, sorted by name.
pub(crate) fn table() -> &'static [Row] {
    &TABLE
}

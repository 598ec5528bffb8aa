//! Every method of the gateway. A family lists its own; this file joins the families.

mod agent;
mod agents;
mod approval;
mod audit;
mod basic;
mod browser;
mod channels;
mod chat;
mod commands;
mod config;
mod cron;
mod dashboard;
mod device;
mod diagnostics;
mod discovery;
mod environments;
mod exec;
mod gateway;
mod gateways;
mod hooks;
mod lacking;
mod logs;
mod message;
mod metrics;
mod models;
mod node;
mod openclaw;
mod passkeys;
mod plugin;
mod prelude;
mod projects;
mod question;
mod secrets;
mod security;
mod sessions;
mod skills;
mod spawn;
mod system;
mod tools;
mod ui;
mod update;
mod usage;
mod users;
mod web;
mod wizard;

use crate::rpc::{Row, joined};

pub(crate) use security::EMERGENCY;

const FAMILIES: &[&[Row]] = &[
    agent::METHODS,
    agents::METHODS,
    approval::METHODS,
    audit::METHODS,
    basic::METHODS,
    browser::METHODS,
    channels::METHODS,
    chat::METHODS,
    commands::METHODS,
    config::METHODS,
    cron::METHODS,
    dashboard::METHODS,
    device::METHODS,
    diagnostics::METHODS,
    discovery::METHODS,
    environments::METHODS,
    exec::METHODS,
    gateway::METHODS,
    gateways::METHODS,
    hooks::METHODS,
    lacking::METHODS,
    logs::METHODS,
    message::METHODS,
    metrics::METHODS,
    models::METHODS,
    node::METHODS,
    openclaw::METHODS,
    passkeys::METHODS,
    plugin::METHODS,
    projects::METHODS,
    question::METHODS,
    secrets::METHODS,
    security::METHODS,
    sessions::METHODS,
    skills::METHODS,
    system::METHODS,
    tools::METHODS,
    ui::METHODS,
    update::METHODS,
    usage::METHODS,
    users::METHODS,
    web::METHODS,
    wizard::METHODS,
    spawn::METHODS,
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

//! Where sessions can run: the gateway's own machine.

mod list;
mod status;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{rpc::Row, state::State};

pub(super) const METHODS: &[Row] = &[Row::of::<list::List>(), Row::of::<status::Status>()];

/// Name of the gateway's own machine.
const GATEWAY: &str = "gateway";

/// A place where sessions can run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Environment {
    id: &'static str,
    /// Always `local`.
    r#type: &'static str,
    /// Name for people.
    label: String,
    status: &'static str,
    platform: &'static str,
    /// Whether sessions run there.
    session_host: bool,
    trust: &'static str,
    capabilities: Vec<&'static str>,
}

fn gateway(state: &State) -> Environment {
    Environment {
        id: GATEWAY,
        r#type: "local",
        label: format!("Gateway ({})", state.host),
        status: "available",
        platform: std::env::consts::OS,
        session_host: true,
        trust: "persistent",
        capabilities: vec!["agent.run"],
    }
}

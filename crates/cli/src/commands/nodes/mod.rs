//! `openclaw nodes`

mod decide;
mod describe;
mod invoke;
mod list;
mod named;
mod pending;
mod remove;
mod rename;
mod status;

use clap::{Args, Subcommand};
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
};

const LIST: &str = "openclaw nodes status";

/// Show, approve and use machines that offer commands
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw nodes                        which there are, and what they offer
  openclaw nodes approve 3f2a91c0       let one do what it asks for
  openclaw nodes invoke build-box --command system.which --params '{\"bins\": [\"git\"]}'

Nodes are named by the first characters of their identifiers, their names or their addresses.
A machine becomes a node with: openclaw node run")]
pub(crate) struct Nodes {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    status: status::Status,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List nodes with what they offer
    Status(status::Status),
    /// List what waits for approval, and nodes that are approved
    List(list::List),
    /// List what waits for approval
    Pending(pending::Pending),
    /// Let a node do what it asks for
    Approve(decide::Approve),
    /// Say no to what a node asks for
    Reject(decide::Reject),
    /// Show everything about a node
    Describe(describe::Describe),
    /// Give a node a name
    Rename(rename::Rename),
    /// Forget a node, which ends its connections
    Remove(remove::Remove),
    /// Ask a node for one of its commands
    Invoke(invoke::Invoke),
}

/// The reply of `node.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    nodes: Vec<Node>,
}

/// A node.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Node {
    node_id: String,
    display_name: Option<String>,
    platform: Option<String>,
    version: Option<String>,
    device_family: Option<String>,
    model_identifier: Option<String>,
    remote_ip: Option<String>,
    caps: Vec<String>,
    commands: Vec<String>,
    permissions: Map<String, Value>,
    approval_state: Option<String>,
    pending_request_id: Option<String>,
    pending_declared_commands: Vec<String>,
    connected_at_ms: Option<i64>,
    last_connected_at_ms: Option<i64>,
    last_seen_at_ms: Option<i64>,
    approved_at_ms: Option<i64>,
    paired: bool,
    connected: bool,
}

impl Node {
    /// In one word.
    fn state(&self) -> &'static str {
        match (self.connected, self.approval_state.as_deref()) {
            (_, Some("pending-approval" | "pending-reapproval")) => "asks for approval",
            (true, _) => "connected",
            (false, _) if self.paired => "away",
            (false, _) => "not paired",
        }
    }
}

/// The reply of `node.pair.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Pairing {
    pending: Vec<Request>,
    paired: Vec<Approved>,
}

/// What waits for an owner.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    request_id: String,
    node_id: String,
    display_name: Option<String>,
    platform: Option<String>,
    commands: Vec<String>,
    caps: Vec<String>,
    remote_ip: Option<String>,
    ts: Option<i64>,
}

/// A node that an owner approved.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Approved {
    node_id: String,
    display_name: Option<String>,
    platform: Option<String>,
    remote_ip: Option<String>,
    commands: Vec<String>,
    last_connected_at_ms: Option<i64>,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

/// A method that takes a node.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OfNode<'a> {
    node_id: &'a str,
}

async fn known(gateway: &Connection) -> Result<Answer<Known>, Failure> {
    ask(gateway, "node.list", Nothing {}).await
}

async fn pairing(gateway: &Connection) -> Result<Answer<Pairing>, Failure> {
    ask(gateway, "node.pair.list", Nothing {}).await
}

impl Nodes {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.status.run(context).await,
            Some(Verb::Status(command)) => command.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Pending(command)) => command.run(context).await,
            Some(Verb::Approve(command)) => command.run(context).await,
            Some(Verb::Reject(command)) => command.run(context).await,
            Some(Verb::Describe(command)) => command.run(context).await,
            Some(Verb::Rename(command)) => command.run(context).await,
            Some(Verb::Remove(command)) => command.run(context).await,
            Some(Verb::Invoke(command)) => command.run(context).await,
        }
    }
}

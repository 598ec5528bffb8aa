//! `openclaw devices`

mod decide;
mod list;
pub(crate) mod setup;
mod token;

use clap::{Args, Subcommand};
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    ids::{self, Candidate},
};

const LIST: &str = "openclaw devices list";

/// Admit and remove devices
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw devices                     who was admitted, and who asks
  openclaw devices approve 3f2a91c0    admit one that asks
  openclaw devices remove 9c41d0e2     end its connections and forget it
  openclaw devices setup-code          let a new one in by a code, once

Devices and requests are named by the first characters of their identifiers.")]
pub(crate) struct Devices {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List devices, and those that ask to be admitted
    List(list::List),
    /// Admit a device that asks
    Approve(decide::Approve),
    /// Turn a device that asks away
    Reject(decide::Reject),
    /// Remove a device, which ends its connections
    Remove(token::Remove),
    /// Replace a device's token, which ends its connections
    Rotate(token::Rotate),
    /// Withdraw a device's token, which ends its connections
    Revoke(token::Revoke),
    /// Make a code by which one new device comes in, once and soon
    SetupCode(setup::SetupCode),
    /// List setup codes, and never a code itself
    SetupCodes(setup::SetupCodes),
    /// Take a setup code back that nobody has used
    SetupRevoke(setup::SetupRevoke),
}

/// The reply of `device.pair.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    pending: Vec<Request>,
    paired: Vec<Device>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    request_id: String,
    device_id: String,
    display_name: Option<String>,
    role: String,
    scopes: Vec<String>,
    remote_ip: Option<String>,
    is_repair: bool,
    ts: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Device {
    device_id: String,
    display_name: Option<String>,
    client_id: Option<String>,
    platform: Option<String>,
    roles: Vec<String>,
    scopes: Vec<String>,
    last_seen_at_ms: Option<i64>,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

async fn known(gateway: &Connection) -> Result<Answer<Known>, Failure> {
    ask(gateway, "device.pair.list", Nothing {}).await
}

impl Known {
    /// The admitted device whose identifier begins so.
    fn device(&self, prefix: &str) -> Result<String, Failure> {
        let name =
            |device: &Device| device.display_name.clone().or_else(|| device.client_id.clone()).unwrap_or_default();
        let all: Vec<Candidate> =
            self.paired.iter().map(|device| Candidate::new(&device.device_id, name(device))).collect();
        ids::unique(&all, prefix, "device", LIST).map(|found| found.id.clone())
    }

    /// The request whose identifier begins so.
    fn request(&self, prefix: &str) -> Result<String, Failure> {
        let name = |request: &Request| request.display_name.clone().unwrap_or_default();
        let all: Vec<Candidate> =
            self.pending.iter().map(|request| Candidate::new(&request.request_id, name(request))).collect();
        ids::unique(&all, prefix, "request", LIST).map(|found| found.id.clone())
    }
}

impl Devices {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Approve(command)) => command.run(context).await,
            Some(Verb::Reject(command)) => command.run(context).await,
            Some(Verb::Remove(command)) => command.run(context).await,
            Some(Verb::Rotate(command)) => command.run(context).await,
            Some(Verb::Revoke(command)) => command.run(context).await,
            Some(Verb::SetupCode(command)) => command.run(context).await,
            Some(Verb::SetupCodes(command)) => command.run(context).await,
            Some(Verb::SetupRevoke(command)) => command.run(context).await,
        }
    }
}

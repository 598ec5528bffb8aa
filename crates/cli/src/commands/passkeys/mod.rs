//! `openclaw passkeys`

mod list;
mod remove;

use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use crate::{app::Context, failure::Done};

const LIST: &str = "openclaw passkeys list";

/// Look at passkeys, and remove them
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw passkeys                              which are registered, and when they were last used
  openclaw passkeys remove 3f2a91c0              it counts no more, and what it opened closes
  openclaw passkeys remove 3f2a91c0 --and-devices    it was lost: the devices that it let in go, too

Passkeys are registered in a browser: Mission Control, Devices & access. This machine's own command line
never needs one, so that nobody locks themselves out.")]
pub(crate) struct Passkeys {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List passkeys, and when they were last used
    List(list::List),
    /// Remove a passkey, which ends the connections that it opened
    Remove(remove::Remove),
}

/// The reply of `passkeys.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    passkeys: Vec<Passkey>,
    mode: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Passkey {
    id: String,
    name: String,
    rp_id: String,
    created_at_ms: Option<i64>,
    last_used_at_ms: Option<i64>,
    devices: Vec<String>,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

impl Passkeys {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Remove(command)) => command.run(context).await,
        }
    }
}

//! `openclaw node`

mod exec;
mod host;
mod identity;
mod policy;
mod run;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Make this machine a node of a gateway
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw node run                           offer this machine's commands to its own gateway
  openclaw node run --url wss://gateway:18789 --display-name \"Build box\"
  openclaw node identity                      the identifier that the gateway knows it by

The gateway's owner lets it in and approves what it offers: openclaw devices, openclaw nodes.
Which programs run here is for this machine to say: node/exec-approvals.json in the state directory.")]
pub(crate) struct Node {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Offer this machine's commands until told to stop
    Run(Box<run::Run>),
    /// Print the identifier and the key of this node
    Identity(identity::Identity),
}

impl Node {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Run(command) => command.run(context).await,
            Verb::Identity(command) => command.run(context),
        }
    }
}

//! `openclaw message`

mod send;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Send messages on chat channels
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw message send --target +15550100 --message \"Dinner is ready\"")]
pub(crate) struct Message {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send a message
    Send(send::Send),
}

impl Message {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let Verb::Send(command) = self.command;
        command.run(context).await
    }
}

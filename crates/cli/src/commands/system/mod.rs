//! `openclaw system`

mod heartbeat;
mod presence;
mod wake;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

pub(crate) use wake::Wake;

/// Tell agents something, and see who is there
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw system event --text \"Look at the queue\" --mode now
  openclaw system heartbeat last
  openclaw system presence")]
pub(crate) struct System {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Tell an agent something with its next turn, or at once
    Event(wake::Event),
    /// Show or change the regular looks of agents
    Heartbeat(heartbeat::Heartbeat),
    /// Show who is connected
    #[command(after_help = "Example:
  openclaw system presence")]
    Presence(presence::Presence),
}

impl System {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Event(command) => command.run(context).await,
            Verb::Heartbeat(command) => command.run(context).await,
            Verb::Presence(command) => command.run(context).await,
        }
    }
}

//! `openclaw channels`

mod control;
mod status;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Show chat channels and control their accounts
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw channels                                how every channel is
  openclaw channels status --probe                 ask the channels themselves
  openclaw channels logout --channel webhook      end an account")]
pub(crate) struct Channels {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    status: status::Status,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Tell how every channel is
    #[command(visible_alias = "list")]
    #[command(after_help = "Example:
  openclaw channels status --probe")]
    Status(status::Status),
    /// Start an account
    #[command(after_help = "Example:
  openclaw channels start --channel webhook")]
    Start(control::Control),
    /// Stop an account
    #[command(after_help = "Example:
  openclaw channels stop --channel webhook")]
    Stop(control::Control),
    /// End an account, so that it must be logged in again
    #[command(after_help = "Example:
  openclaw channels logout --channel webhook")]
    Logout(control::Control),
}

impl Channels {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.status.run(context).await,
            Some(Verb::Status(command)) => command.run(context).await,
            Some(Verb::Start(command)) => command.run(context, "channels.start", "started").await,
            Some(Verb::Stop(command)) => command.run(context, "channels.stop", "stopped").await,
            Some(Verb::Logout(command)) => command.run(context, "channels.logout", "logged out").await,
        }
    }
}

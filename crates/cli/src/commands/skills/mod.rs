//! `openclaw skills`

mod check;
mod enable;
mod info;
mod install;
mod list;
mod shown;
mod update;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Show, install and turn off what agents have learned to do
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw skills                             what there is, and what of it works
  openclaw skills check                       what is missing for the rest
  openclaw skills install ./notes             one more, from a folder or an archive
  openclaw skills disable notes")]
pub(crate) struct Skills {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the skills
    List(list::List),
    /// Show all about one skill
    Info(info::Info),
    /// Find out which skills do not work, and why
    Check(check::Check),
    /// Install a skill from a folder or an archive
    Install(install::Install),
    /// Change a skill's API key and variables
    Update(update::Update),
    /// Let agents have a skill
    Enable(enable::Enable),
    /// Take a skill away from agents
    Disable(enable::Disable),
}

impl Skills {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Info(command)) => command.run(context).await,
            Some(Verb::Check(command)) => command.run(context).await,
            Some(Verb::Install(command)) => command.run(context).await,
            Some(Verb::Update(command)) => command.run(context).await,
            Some(Verb::Enable(command)) => command.run(context).await,
            Some(Verb::Disable(command)) => command.run(context).await,
        }
    }
}

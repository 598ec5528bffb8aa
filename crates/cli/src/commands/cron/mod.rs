//! `openclaw cron`

mod add;
mod change;
mod fields;
mod list;
mod row;
mod run;
mod runs;
mod show;
mod status;
pub(super) mod when;

use clap::{Args, Subcommand};

pub(super) use when::period;

use crate::{app::Context, failure::Done};

pub(super) const LIST: &str = "openclaw cron list --all";

/// Schedule work for agents
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw cron                                                   the jobs, and when they are due
  openclaw cron add \"0 7 * * *\" \"What is new?\" --tz Europe/Berlin   every day at 7
  openclaw cron add --at 20m --system-event \"Look at the oven\"      once, in 20 minutes
  openclaw cron run 3f2a91c0 --wait                               now, and wait for the end

A job is named by the first characters of its identifier, or by its name.")]
pub(crate) struct Cron {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List jobs, the next one first
    List(list::List),
    /// Tell whether jobs run, and when the next is due
    #[command(after_help = "Example:
  openclaw cron status")]
    Status(status::Status),
    /// Schedule a job
    #[command(alias = "create")]
    Add(Box<add::Add>),
    /// Change a job
    #[command(alias = "update")]
    Edit(Box<change::Edit>),
    /// Let a job run by itself
    #[command(after_help = "Example:
  openclaw cron enable 3f2a91c0")]
    Enable(change::Enable),
    /// Keep a job from running by itself
    #[command(after_help = "Example:
  openclaw cron disable 3f2a91c0")]
    Disable(change::Disable),
    /// Take a job away; its history stays
    #[command(name = "rm", visible_aliases = ["remove", "delete"])]
    #[command(after_help = "Example:
  openclaw cron rm 3f2a91c0")]
    Remove(change::Remove),
    /// Run a job now
    Run(run::Run),
    /// Show what came of jobs
    Runs(runs::Runs),
    /// Show all about one job
    #[command(alias = "get")]
    Show(show::Show),
}

impl Cron {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Status(command)) => command.run(context).await,
            Some(Verb::Add(command)) => command.run(context).await,
            Some(Verb::Edit(command)) => command.run(context).await,
            Some(Verb::Enable(command)) => command.run(context).await,
            Some(Verb::Disable(command)) => command.run(context).await,
            Some(Verb::Remove(command)) => command.run(context).await,
            Some(Verb::Run(command)) => command.run(context).await,
            Some(Verb::Runs(command)) => command.run(context).await,
            Some(Verb::Show(command)) => command.run(context).await,
        }
    }
}

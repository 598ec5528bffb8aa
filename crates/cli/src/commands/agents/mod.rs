//! `openclaw agents`

mod add;
mod delete;
mod files;
mod identity;
mod list;
mod token;
mod update;

pub(in crate::commands) use add::folder;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Show and change the agents
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw agents                                       who there is
  openclaw agents add work --workspace ~/work           one more, at once
  openclaw agents files set work SOUL.md --file soul.md
  openclaw agents delete work --force")]
pub(crate) struct Agents {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the agents
    List(list::List),
    /// Add an agent; it answers at once
    Add(add::Add),
    /// Change an agent's name, workspace or model
    Update(update::Update),
    /// Change how an agent looks
    SetIdentity(identity::SetIdentity),
    /// End an agent, with its runs and conversations
    Delete(delete::Delete),
    /// Show and change the files that make an agent who it is
    Files(files::Files),
    /// Give an agent's program a token of its own
    Token(token::Token),
}

impl Agents {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Add(command)) => command.run(context).await,
            Some(Verb::Update(command)) => command.run(context).await,
            Some(Verb::SetIdentity(command)) => command.run(context).await,
            Some(Verb::Delete(command)) => command.run(context).await,
            Some(Verb::Files(command)) => command.run(context).await,
            Some(Verb::Token(command)) => command.run(context).await,
        }
    }
}

//! `openclaw sessions`

mod abort;
mod archive;
mod change;
mod cleanup;
mod find;
mod history;
mod list;
mod patch;
mod row;
mod search;
mod show;
mod usage;

use clap::{Args, Subcommand};
use serde::Serialize;

pub(crate) use row::{Row, table};
pub(crate) use usage::Figures;

use crate::{
    app::Context,
    ask::Answer,
    failure::{Done, Failure},
    reach::{self, Target},
};

/// Show and change conversations
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw sessions                      the newest conversations
  openclaw sessions history main         what was said in the main one
  openclaw sessions patch main --model house/big

A conversation is named by its key, its label, or the first characters of its key or identifier.")]
pub(crate) struct Sessions {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List conversations, newest first
    List(list::List),
    /// Show all about one conversation
    Show(show::Show),
    /// Print what was said
    History(history::History),
    /// Change what is set for a conversation
    Patch(patch::Patch),
    /// Find what was said
    Search(search::Search),
    /// Tell what conversations used
    Usage(usage::Usage),
    /// Set a conversation aside
    Archive(archive::Archive),
    /// Take a conversation back that was set aside
    Unarchive(archive::Unarchive),
    /// Stop the run at work in a conversation
    Abort(abort::Abort),
    /// Start a conversation over; what was said is set aside
    Reset(change::Reset),
    /// Set all but the newest lines aside
    Compact(change::Compact),
    /// Remove a conversation
    Delete(change::Delete),
    /// Remove conversations of agents that are gone
    Cleanup(cleanup::Cleanup),
}

/// One conversation of one gateway.
#[derive(Args, Clone, Debug)]
struct One {
    #[command(flatten)]
    target: Target,
    /// The conversation: its key, its label, or the first characters of its key or identifier
    #[arg(value_name = "SESSION")]
    session: String,
}

impl One {
    /// Finds the conversation, calls a method with it, and leaves.
    async fn call<T: serde::de::DeserializeOwned, P: Serialize>(
        &self,
        context: &Context,
        method: &str,
        params: impl FnOnce(String) -> P,
    ) -> Result<Answer<T>, Failure> {
        let gateway = reach::gateway(context, &self.target, None).await?;
        let key = find::session(&gateway, &self.session).await?;
        let answer = context.output.progress(method).during(crate::ask::ask(&gateway, method, params(key))).await?;
        gateway.close().await;
        Ok(answer)
    }
}

impl Sessions {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Show(command)) => command.run(context).await,
            Some(Verb::History(command)) => command.run(context).await,
            Some(Verb::Patch(command)) => command.run(context).await,
            Some(Verb::Search(command)) => command.run(context).await,
            Some(Verb::Usage(command)) => command.run(context).await,
            Some(Verb::Archive(command)) => command.run(context).await,
            Some(Verb::Unarchive(command)) => command.run(context).await,
            Some(Verb::Cleanup(command)) => command.run(context).await,
            Some(Verb::Abort(command)) => command.run(context).await,
            Some(Verb::Reset(command)) => command.run(context).await,
            Some(Verb::Compact(command)) => command.run(context).await,
            Some(Verb::Delete(command)) => command.run(context).await,
        }
    }
}

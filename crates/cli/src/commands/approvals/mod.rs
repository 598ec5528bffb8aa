//! `openclaw approvals`

mod allowlist;
mod grants;
mod history;
mod pending;
mod policy;
mod resolve;
mod shown;

pub(crate) use shown::{Entry, waiting};

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{app::Context, failure::Done};

const PENDING: &str = "openclaw approvals pending";

/// Decide what waits for people, and which commands may run
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw approvals                            what waits
  openclaw approvals resolve 3f2a91c0 allow-once
  openclaw approvals get                        which commands may run, and why
  openclaw approvals allowlist add --agent main /usr/bin/rg

Approvals are named by the first characters of their identifiers.")]
pub(crate) struct Approvals {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    pending: pending::Pending,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show what waits for people
    #[command(alias = "list")]
    Pending(pending::Pending),
    /// Decide one
    Resolve(resolve::Resolve),
    /// Show what was decided
    History(history::History),
    /// Show what was allowed for good, and take it back
    Grants(grants::Grants),
    /// Show which commands may run
    Get(policy::Get),
    /// Replace the policy of commands
    Set(policy::Set),
    /// Change which programs run without asking
    Allowlist(allowlist::Allowlist),
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

impl Approvals {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.pending.run(context).await,
            Some(Verb::Pending(command)) => command.run(context).await,
            Some(Verb::Resolve(command)) => command.run(context).await,
            Some(Verb::History(command)) => command.run(context).await,
            Some(Verb::Grants(command)) => command.run(context).await,
            Some(Verb::Get(command)) => command.run(context).await,
            Some(Verb::Set(command)) => command.run(context).await,
            Some(Verb::Allowlist(command)) => command.run(context).await,
        }
    }
}

//! `openclaw audit`

mod list;
mod trail;
mod verify;

use clap::{Args, Subcommand};

pub(crate) use trail::{Ago, Format, broken, each, nothing, write_all};

use crate::{
    app::{Context, wait},
    failure::Done,
};

/// Look at what was done, and prove that the record of it is whole
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw audit list --status failed
  openclaw audit verify
  openclaw security export-audit --format csv --last 7d --out audit.csv")]
pub(crate) struct Audit {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List when runs of agents began and how they ended, newest first
    List(list::List),
    /// Check that no record was changed, removed or added
    Verify(verify::Verify),
}

impl Audit {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::List(command) => wait(command.run(context)),
            Verb::Verify(command) => command.run(context),
        }
    }
}

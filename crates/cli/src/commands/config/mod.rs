//! `openclaw config`

mod change;
mod decrypt;
mod diff;
mod encrypt;
mod file;
mod get;
mod history;
mod patch;
pub(crate) mod place;
mod schema;
mod set;
mod undo;
mod unset;
mod validate;

use std::path::PathBuf;

pub(crate) use set::standard_input;

use clap::{Args, Subcommand};

use crate::{
    app::{self, Context},
    failure::Done,
};

/// Look at the configuration and change it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config get gateway.port
  openclaw config set gateway.port 19000
  openclaw config undo

A gateway that runs makes the change itself, and says what is in force at once and what waits for a restart. Without one
the file is changed. Comments and order stay, and every state is kept.")]
pub(crate) struct Config {
    #[command(subcommand)]
    command: Verb,
    /// Another configuration file; no gateway is asked
    #[arg(long, value_name = "PATH", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the configuration or a part of it, without its secrets
    Get(get::Get),
    /// Set one value
    Set(set::Set),
    /// Take one value out, so that its default holds again
    Unset(unset::Unset),
    /// Merge an object into the configuration
    Patch(patch::Patch),
    /// Check the configuration file
    Validate(validate::Validate),
    /// Print where the configuration is
    File(file::File),
    /// Print what may stand in the configuration, as a JSON Schema
    Schema(schema::Schema),
    /// List the states that the configuration was in
    History(history::History),
    /// Show what differs between two states
    Diff(diff::Diff),
    /// Go back to what the configuration was before
    Undo(undo::Undo),
    /// Seal the secrets of the configuration where they stand
    Encrypt(encrypt::Encrypt),
    /// Write sealed secrets in the open again
    Decrypt(decrypt::Decrypt),
}

impl Config {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Get(command) => app::wait(command.run(context, self.config)),
            Verb::Set(command) => app::wait(command.run(context, self.config)),
            Verb::Unset(command) => app::wait(command.run(context, self.config)),
            Verb::Patch(command) => app::wait(command.run(context, self.config)),
            Verb::Validate(command) => command.run(context, self.config),
            Verb::File(command) => command.run(context, self.config),
            Verb::Schema(command) => command.run(context),
            Verb::History(command) => app::wait(command.run(context, self.config)),
            Verb::Diff(command) => app::wait(command.run(context, self.config)),
            Verb::Undo(command) => app::wait(command.run(context, self.config)),
            Verb::Encrypt(command) => command.run(context, self.config),
            Verb::Decrypt(command) => command.run(context, self.config),
        }
    }
}

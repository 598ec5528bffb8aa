//! `openclaw config`

mod file;
mod get;
mod schema;
mod validate;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Look at the configuration and change it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw config get gateway.port
  openclaw config validate
  openclaw config schema gateway.auth")]
pub(crate) struct Config {
    #[command(subcommand)]
    command: Verb,
    /// Another configuration file
    #[arg(long, value_name = "PATH", global = true)]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Print the configuration or a part of it, without its secrets
    Get(get::Get),
    /// Check the configuration file
    Validate(validate::Validate),
    /// Print where the configuration is
    File(file::File),
    /// Print what may stand in the configuration, as a JSON Schema
    Schema(schema::Schema),
}

impl Config {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Get(command) => command.run(context, self.config),
            Verb::Validate(command) => command.run(context, self.config),
            Verb::File(command) => command.run(context, self.config),
            Verb::Schema(command) => command.run(context),
        }
    }
}

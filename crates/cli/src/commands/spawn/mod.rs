//! `openclaw spawn`

mod kill;
mod list;
mod output;
mod run;

use clap::{Args, Subcommand};
use serde::Deserialize;

use crate::{app::Context, failure::Done};

const LIST: &str = "openclaw spawn list";

/// Start programs on the gateway's machine, and look after them
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw spawn run -- python agent.py --role developer
  openclaw spawn list
  openclaw spawn kill 3f2a91c0

A program is started only when the configuration lists it in spawn.allow.")]
pub(crate) struct Spawn {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start a program, show what it writes, and end as it does
    Run(run::Run),
    /// List programs that were started
    List(list::List),
    /// Show what a program writes
    Output(output::Show),
    /// End a program and what it started
    Kill(kill::Kill),
}

impl Spawn {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Run(command) => command.run(context).await,
            Verb::List(command) => command.run(context).await,
            Verb::Output(command) => command.run(context).await,
            Verb::Kill(command) => command.run(context).await,
        }
    }
}

/// A program, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Program {
    spawn_id: String,
    status: String,
    source: String,
    command: String,
    args: Option<Vec<String>>,
    pid: Option<u32>,
    started_at: Option<i64>,
    completed_at: Option<i64>,
    result: Option<Ending>,
    error: Option<String>,
}

/// How a program ended.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Ending {
    exit_code: Option<i32>,
    signal: Option<String>,
}

impl Ending {
    /// For people.
    fn words(&self) -> String {
        match (self.exit_code, &self.signal) {
            (Some(code), None) => format!("exit {code}"),
            (Some(code), Some(signal)) => format!("{signal}, exit {code}"),
            (None, Some(signal)) => signal.clone(),
            (None, None) => "-".to_owned(),
        }
    }
}

//! `openclaw gateways`

mod add;
mod list;
mod remove;
mod test;

use clap::{Args, Subcommand};
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Failure},
    ids::{self, Candidate},
};

const LIST: &str = "openclaw gateways list";

/// Reach other gateways through this one
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw gateways                                          which are known, and how they are
  openclaw gateways add office wss://office.example:18789 --token-file token.txt
  openclaw gateways test office                              connect once and say what came of it
  openclaw gateways remove office

A token goes to the gateway alone, is kept sealed there, and is never shown again.")]
pub(crate) struct Gateways {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the gateways that are known, and how they are
    List(list::List),
    /// Add a gateway, once a test has shown that it works
    Add(add::Add),
    /// Connect to a gateway once, and say what came of it
    Test(test::Test),
    /// Forget a gateway with its token
    Remove(remove::Remove),
}

/// The reply of `gateways.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Known {
    gateways: Vec<Gateway>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Gateway {
    id: String,
    name: String,
    url: String,
    state: String,
    version: Option<String>,
    latency_ms: Option<u64>,
    primary: bool,
    allow_self_signed: bool,
    problem: Option<Problem>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Problem {
    code: String,
    message: String,
    fix: Option<String>,
    fingerprint: Option<String>,
}

/// The method takes nothing.
#[derive(Serialize)]
struct Nothing {}

/// Names a gateway.
#[derive(Serialize)]
struct Named<'a> {
    id: &'a str,
}

/// The gateway whose id begins so.
async fn named(gateway: &Connection, prefix: &str) -> Result<String, Failure> {
    let known: Known = ask(gateway, "gateways.list", Nothing {}).await?.read;
    let all: Vec<Candidate> = known.gateways.iter().map(|one| Candidate::new(&one.id, one.name.clone())).collect();
    ids::unique(&all, prefix, "gateway", LIST).map(|found| found.id.clone())
}

impl Gateways {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Add(command)) => command.run(context).await,
            Some(Verb::Test(command)) => command.run(context).await,
            Some(Verb::Remove(command)) => command.run(context).await,
        }
    }
}

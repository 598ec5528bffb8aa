//! `openclaw models`

mod list;
mod probe;
mod status;

use clap::{Args, Subcommand};

use crate::{app::Context, failure::Done};

/// Show which models agents can use
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  openclaw models              every model, by provider
  openclaw models status       which agent uses which")]
pub(crate) struct Models {
    #[command(subcommand)]
    command: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the models that agents can use
    List(list::List),
    /// Tell which model each agent uses, and whether it is there
    Status(status::Status),
    /// Really ask a provider for a word
    Probe(probe::Probe),
}

impl Models {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        match self.command {
            None => self.list.run(context).await,
            Some(Verb::List(command)) => command.run(context).await,
            Some(Verb::Status(command)) => command.run(context).await,
            Some(Verb::Probe(command)) => command.run(context).await,
        }
    }
}

/// A model as `models.list` tells it, as far as it is shown.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Model {
    id: String,
    name: Option<String>,
    provider: String,
    context_window: u64,
    reasoning: bool,
    input: Vec<String>,
}

/// The reply of `models.list`.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct Catalogue {
    models: Vec<Model>,
}

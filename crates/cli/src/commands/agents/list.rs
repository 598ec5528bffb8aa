//! `openclaw agents list`

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::Done,
    output::{Column, Table, Text},
    reach::Target,
    show,
};

/// List the agents
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents list
  openclaw agents list --json")]
pub(super) struct List {
    #[command(flatten)]
    target: Target,
}

/// The method needs nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `agents.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Listed {
    default_id: String,
    agents: Vec<Agent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agent {
    id: String,
    name: Option<String>,
    identity: Identity,
    workspace: Option<String>,
    model: Model,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Identity {
    emoji: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Model {
    primary: String,
}

impl List {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = once::<Listed>(context, &self.target, "agents.list", Nothing {}).await?;
        answer.show(&mut context.output, |output, listed| {
            let mut table = Table::new([
                Column::whole("AGENT"),
                Column::words("NAME"),
                Column::whole("MODEL"),
                Column::words("WORKSPACE"),
            ]);
            for agent in &listed.agents {
                let id = Text::from(&agent.id);
                let name = match (&agent.name, &agent.identity.emoji) {
                    (Some(name), Some(emoji)) => Text::from(format!("{name} {emoji}")),
                    (name, _) => show::text(name.as_ref()),
                };
                table.row([
                    if agent.id == listed.default_id { id.and(" (default)") } else { id },
                    name,
                    Text::from(&agent.model.primary),
                    show::text(agent.workspace.as_ref()),
                ]);
            }
            output.table(&table)
        })
    }
}

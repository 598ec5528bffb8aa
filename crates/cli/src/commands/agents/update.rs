//! `openclaw agents update`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::add;
use crate::{
    app::Context,
    ask::once,
    failure::{Done, Failure},
    reach::Target,
};

/// Change an agent's name, workspace or model
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents update work --name Ada --model house/big
  openclaw agents update work --model \"\"     back to the common model
  openclaw agents update work --default")]
pub(super) struct Update {
    #[command(flatten)]
    target: Target,
    /// The agent's id
    #[arg(value_name = "ID")]
    agent: String,
    /// Its name for people
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Folder that it works in; what is in the former one stays there
    #[arg(long, value_name = "FOLDER")]
    workspace: Option<String>,
    /// Its model, as provider/model
    #[arg(long, value_name = "MODEL")]
    model: Option<String>,
    /// Make it the one that answers when no agent is named
    #[arg(long)]
    default: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    agent_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<String>,
    /// The outer `None` leaves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<Option<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Updated {
    pub(super) agent_id: String,
}

impl Update {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        if self.name.is_none() && self.workspace.is_none() && self.model.is_none() && !self.default {
            return Err(Failure::usage("nothing is to be changed").helped("openclaw agents update --help"));
        }
        let asked = Asked {
            agent_id: self.agent,
            name: self.name,
            workspace: self.workspace.as_deref().map(add::folder).transpose()?,
            model: self.model.map(|model| Some(model).filter(|model| !model.is_empty())),
            default: self.default.then_some(true),
        };
        let answer = once::<Updated>(context, &self.target, "agents.update", asked).await?;
        answer.show(&mut context.output, |output, updated| output.line(format!("{} changed", updated.agent_id)))
    }
}

//! `openclaw models status`

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::Catalogue;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    output::{Column, Output, Table, Text, Tone},
    reach::Target,
    watch::{Picture, Watch},
};

/// Tell which model each agent uses, and whether it is there
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw models status
  openclaw models status --json

The exit code is 2 when an agent answers with the demonstration, or names a model that is not there.")]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    watch: Watch,
}

/// The methods need nothing.
#[derive(Serialize)]
struct Nothing {}

/// The reply of `agents.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Agents {
    default_id: String,
    agents: Vec<Agent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agent {
    id: String,
    model: Choice,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    primary: String,
    fallbacks: Vec<String>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    agents: &'a [Line],
}

/// An agent and its model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    agent_id: String,
    is_default: bool,
    model: String,
    fallbacks: Vec<String>,
    state: State,
}

/// What is to be said of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    /// A provider offers it.
    Ready,
    /// The built-in demonstration answers.
    Demo,
    /// No provider offers it.
    Missing,
}

impl State {
    fn of(model: &str, catalogue: &Catalogue) -> Self {
        let is = |known: &super::Model| {
            model.strip_prefix(known.provider.as_str()).and_then(|rest| rest.strip_prefix('/')) == Some(&known.id)
        };
        match model.split_once('/') {
            Some(("demo", _)) => Self::Demo,
            _ if catalogue.models.iter().any(is) => Self::Ready,
            _ => Self::Missing,
        }
    }

    fn shown(self) -> Text {
        match self {
            Self::Ready => Text::toned(Tone::Good, "ready"),
            Self::Demo => Text::toned(Tone::Warning, "a demo"),
            Self::Missing => Text::toned(Tone::Bad, "not there"),
        }
    }
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Status {
    type Facts = Vec<Line>;

    async fn ask(&self, gateway: &Connection) -> Result<Vec<Line>, Failure> {
        let catalogue: Catalogue = ask(gateway, "models.list", Nothing {}).await?.read;
        let Agents { default_id, agents } = ask(gateway, "agents.list", Nothing {}).await?.read;
        let line = |agent: Agent| Line {
            is_default: agent.id == default_id,
            state: State::of(&agent.model.primary, &catalogue),
            agent_id: agent.id,
            model: agent.model.primary,
            fallbacks: agent.model.fallbacks,
        };
        Ok(agents.into_iter().map(line).collect())
    }

    fn show(&self, output: &mut Output, lines: &Vec<Line>) -> Done {
        let well = lines.iter().all(|line| line.state == State::Ready);
        if output.json {
            output.value(&Printed { ok: well, agents: lines })?;
        } else {
            let mut table = Table::new([
                Column::whole("AGENT"),
                Column::whole("MODEL"),
                Column::whole("STATE"),
                Column::words("FALLBACKS"),
            ]);
            for line in lines {
                let default = if line.is_default { " (default)" } else { "" };
                table.row([
                    format!("{}{default}", line.agent_id).into(),
                    Text::from(&line.model),
                    line.state.shown(),
                    crate::show::words(&line.fallbacks),
                ]);
            }
            output.table(&table)?;
            if lines.iter().any(|line| line.state == State::Demo) {
                output.line("")?;
                output.paragraph("Set a provider's key in the gateway's environment, or choose: openclaw config set agents.defaults.model <provider/model>")?;
            }
        }
        Ok(if well { Exit::Ok } else { Exit::Usage })
    }
}

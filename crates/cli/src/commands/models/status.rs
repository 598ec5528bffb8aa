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

The exit code is 2 when an agent answers with the demonstration, or its model is not there or cannot be asked now.")]
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

/// The reply of `models.authStatus`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Standing {
    providers: Vec<Provider>,
    problems: Vec<String>,
}

/// How a provider is.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", default)]
struct Provider {
    provider: String,
    /// `ok`, `missing` (it needs a key) or `cooldown` (it is left alone for a while).
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cooldown_until: Option<i64>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    agents: &'a [Line],
    providers: &'a [Provider],
    problems: &'a [String],
}

/// What was found out.
pub(super) struct Facts {
    agents: Vec<Line>,
    standing: Standing,
}

/// An agent and its model.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
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
    /// Its provider cannot be asked now.
    Away,
}

impl State {
    fn of(model: &str, catalogue: &Catalogue, providers: &[Provider]) -> Self {
        let Some((provider, id)) = model.split_once('/') else { return Self::Missing };
        let is_it = |known: &super::Model| known.provider == provider && known.id == id;
        let away = |known: &Provider| known.provider == provider && known.status != "ok";
        if provider == "demo" {
            Self::Demo
        } else if !catalogue.models.iter().any(is_it) {
            Self::Missing
        } else if providers.iter().any(away) {
            Self::Away
        } else {
            Self::Ready
        }
    }

    fn shown(self) -> Text {
        match self {
            Self::Ready => Text::toned(Tone::Good, "ready"),
            Self::Demo => Text::toned(Tone::Warning, "a demo"),
            Self::Missing => Text::toned(Tone::Bad, "not there"),
            Self::Away => Text::toned(Tone::Bad, "away"),
        }
    }
}

impl Provider {
    /// What is to be said of one that cannot be asked.
    fn complaint(&self) -> Text {
        let name = Text::toned(Tone::Warning, &self.provider);
        match self.cooldown_until {
            Some(_) => {
                let why = self.reason.as_deref().unwrap_or("it failed");
                name.and(format!(" is left alone until {} ({why})", crate::show::time(self.cooldown_until)))
            }
            None => name.and(format!(" has no key; set models.providers.{}.apiKey", self.provider)),
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
    type Facts = Facts;

    async fn ask(&self, gateway: &Connection) -> Result<Facts, Failure> {
        let catalogue: Catalogue = ask(gateway, "models.list", Nothing {}).await?.read;
        let standing: Standing = ask(gateway, "models.authStatus", Nothing {}).await?.read;
        let Agents { default_id, agents } = ask(gateway, "agents.list", Nothing {}).await?.read;
        let line = |agent: Agent| Line {
            is_default: agent.id == default_id,
            state: State::of(&agent.model.primary, &catalogue, &standing.providers),
            agent_id: agent.id,
            model: agent.model.primary,
            fallbacks: agent.model.fallbacks,
        };
        let agents = agents.into_iter().map(line).collect();
        Ok(Facts { agents, standing })
    }

    fn show(&self, output: &mut Output, facts: &Facts) -> Done {
        let (lines, Standing { providers, problems }) = (&facts.agents, &facts.standing);
        let well = lines.iter().all(|line| line.state == State::Ready) && problems.is_empty();
        if output.json {
            output.value(&Printed { ok: well, agents: lines, providers, problems })?;
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
            for provider in providers.iter().filter(|provider| provider.status != "ok") {
                output.paragraph(provider.complaint())?;
            }
            for problem in problems {
                output.paragraph(Text::toned(Tone::Bad, "left out: ").and(problem))?;
            }
            if lines.iter().any(|line| line.state == State::Demo) {
                output.line("")?;
                output.paragraph("Set a provider's key in the gateway's environment, or choose: openclaw config set agents.defaults.model <provider/model>")?;
            }
        }
        Ok(if well { Exit::Ok } else { Exit::Usage })
    }
}
